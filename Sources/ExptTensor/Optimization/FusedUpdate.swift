internal import CKernels

/// The rules of optimizers, by the formulas of PyTorch, each a pass over flat arrays of all
/// parameters.
///
///     FusedUpdate(values: values, gradients: gradients, learningRate: 1e-3, pool: pool)
///       .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, count: 1, …)
///       .apply()
///
/// `values` and every array of state change in place; `gradients` are only read. All arrays are of
/// equal length. Results do not depend on the number of threads.
public struct FusedUpdate {
  public typealias Numbers = UnsafeMutableBufferPointer<Float>

  let values: Numbers
  let gradients: Numbers
  private let pool: ThreadPool
  private let step: ck_step

  /// - Parameters:
  ///   - weightDecay: λ: λ·θ is added to the gradient (in AdamW, θ shrinks by `learningRate`·λ).
  ///   - gradientScale: Gradients are multiplied by this first.
  public init(
    values: Numbers, gradients: Numbers, learningRate: Double, weightDecay: Double = 0,
    gradientScale: Double = 1, pool: ThreadPool
  ) {
    precondition(
      values.count == gradients.count, "\(values.count) values and \(gradients.count) gradients")
    self.values = values
    self.gradients = gradients
    self.pool = pool
    step = ck_step(
      learning_rate: learningRate, weight_decay: weightDecay, gradient_scale: gradientScale)
  }

  /// Stochastic gradient descent.
  ///
  /// - Parameter velocity: The state; nil if `momentum` is 0.
  public func sgd(momentum: Double, nesterov: Bool, velocity: Numbers?) -> UpdateRule {
    precondition(velocity != nil || momentum == 0, "momentum \(momentum) needs a velocity")
    return rule(
      ck_sgd_update(
        step, momentum, nesterov ? 1 : 0, values.baseAddress, address(velocity)))
  }

  /// Adam. Source: Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015.
  ///
  /// - Parameters:
  ///   - count: The number of this step, from 1.
  ///   - isDecoupled: Weight decay apart from the gradient: AdamW, Loshchilov & Hutter, ICLR 2019.
  public func adam(
    beta1: Double, beta2: Double, epsilon: Double, count: Int, isDecoupled: Bool, mean: Numbers,
    square: Numbers
  ) -> UpdateRule {
    rule(
      ck_adam_update(
        step, isDecoupled ? 1 : 0, beta1, beta2, epsilon, count, values.baseAddress,
        address(mean), address(square)))
  }

  /// RMSprop. Source: Tieleman & Hinton, lecture 6.5 of "Neural Networks for Machine Learning",
  /// 2012; centered: Graves, arXiv 1308.0850.
  ///
  /// - Parameters:
  ///   - mean: The running mean of the gradient, if the square is centered by it.
  ///   - velocity: nil if `momentum` is 0.
  public func rmsprop(
    alpha: Double, epsilon: Double, momentum: Double, square: Numbers, mean: Numbers?,
    velocity: Numbers?
  ) -> UpdateRule {
    precondition(velocity != nil || momentum == 0, "momentum \(momentum) needs a velocity")
    return rule(
      ck_rmsprop_update(
        step, alpha, epsilon, momentum, values.baseAddress, address(square), address(mean),
        address(velocity)))
  }

  /// Adagrad. Source: Duchi, Hazan & Singer, JMLR 12, 2011.
  public func adagrad(epsilon: Double, sum: Numbers) -> UpdateRule {
    rule(ck_adagrad_update(step, epsilon, values.baseAddress, address(sum)))
  }

  /// Adamax: Adam with the largest gradient so far, decaying, in place of the mean square.
  ///
  /// Source: Kingma & Ba, "Adam", ICLR 2015, algorithm 2.
  public func adamax(
    beta1: Double, beta2: Double, epsilon: Double, count: Int, mean: Numbers, norm: Numbers
  ) -> UpdateRule {
    rule(
      ck_adamax_update(
        step, beta1, beta2, epsilon, count, values.baseAddress, address(mean), address(norm)))
  }

  /// NAdam: Adam with Nesterov momentum, whose β₁ rises as μ_t = β₁·(1 − ½·0.96^(t·ψ)).
  ///
  /// - Parameters:
  ///   - momentumDecay: ψ.
  ///   - isDecoupled: Weight decay apart from the gradient.
  ///
  /// Source: Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016.
  public func nadam(
    beta1: Double, beta2: Double, epsilon: Double, momentumDecay: Double, count: Int,
    isDecoupled: Bool, mean: Numbers, square: Numbers
  ) -> UpdateRule {
    let momentum = NesterovMomentum(beta1: beta1, decay: momentumDecay, count: count)
    let rates = ck_nadam_rates(
      gradient: step.learning_rate * (1 - momentum.now) / (1 - momentum.product),
      mean: step.learning_rate * momentum.next / (1 - momentum.product * momentum.next))
    return rule(
      ck_nadam_update(
        step, isDecoupled ? 1 : 0, beta1, beta2, epsilon, count, rates, values.baseAddress,
        address(mean), address(square)))
  }

  /// RAdam: Adam whose rate is rectified by its variance; while that cannot be told, a step along the
  /// running mean.
  ///
  /// Source: Liu et al., "On the variance of the adaptive learning rate and beyond", ICLR 2020.
  public func radam(
    beta1: Double, beta2: Double, epsilon: Double, count: Int, isDecoupled: Bool, mean: Numbers,
    square: Numbers
  ) -> UpdateRule {
    rule(
      ck_radam_update(
        step, isDecoupled ? 1 : 0, beta1, beta2, epsilon, count, values.baseAddress,
        address(mean), address(square)))
  }

  /// Lion: the sign of a mean of gradients. Weight decay is apart from the gradient.
  ///
  /// Source: Chen et al., "Symbolic discovery of optimization algorithms", arXiv 2302.06675, algorithm 2.
  public func lion(beta1: Double, beta2: Double, mean: Numbers) -> UpdateRule {
    rule(ck_lion_update(step, beta1, beta2, values.baseAddress, address(mean)))
  }

  private func rule(_ update: ck_update) -> UpdateRule {
    UpdateRule(update: update, gradients: gradients, pool: pool)
  }

  private func address(_ state: Numbers?) -> UnsafeMutablePointer<Float>? {
    guard let state else { return nil }
    precondition(
      state.count == values.count, "\(values.count) values and \(state.count) of state")
    return state.baseAddress
  }
}

/// One step of an optimizer that changes every number by itself, from its own gradient: so the
/// numbers may be taken in any order, and each as soon as its gradient is known.
///
/// The arrays it was made from must outlive it.
public struct UpdateRule {
  let update: ck_update
  let gradients: FusedUpdate.Numbers
  let pool: ThreadPool

  /// Takes the step for all numbers.
  public func apply() { apply(to: gradients.indices) }

  /// Takes the step for some of them.
  public func apply(to range: Range<Int>) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= gradients.count,
      "numbers \(range) of \(gradients.count)")
    guard let base = gradients.baseAddress, !range.isEmpty else { return }
    withUnsafePointer(to: update) { update in
      ck_update_run(
        pool.handle, update, range.lowerBound, range.count, base + range.lowerBound)
    }
  }
}

/// NAdam's momenta at a step: μ_t, μ_{t+1} and the product of μ_1 … μ_t.
struct NesterovMomentum {
  private(set) var now = 0.0
  private(set) var product = 1.0
  let next: Double

  /// - Parameter count: t, from 1.
  init(beta1: Double, decay: Double, count: Int) {
    let factor = RepeatableMath.exp(decay * RepeatableMath.log(0.96))
    func momentum(_ power: Double) -> Double { beta1 * (1 - 0.5 * power) }
    var power = 1.0
    for _ in 0..<max(0, count) {
      power *= factor
      product *= momentum(power)
      // Beside 1 the rest is nothing.
      if product < 0x1p-60 { break }
    }
    power = RepeatableMath.power(factor, count)
    now = momentum(power)
    next = momentum(power * factor)
  }
}
