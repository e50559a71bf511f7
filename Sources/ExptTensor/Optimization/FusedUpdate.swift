internal import CKernels

/// Optimizer steps, each one pass over flat arrays of all parameters, by the formulas of PyTorch.
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
  /// - Parameter velocity: The state; nil where `momentum` is 0.
  public func sgd(momentum: Double, nesterov: Bool, velocity: Numbers?) {
    precondition(velocity != nil || momentum == 0, "momentum \(momentum) needs a velocity")
    run(velocity) { n, gradient, parameter, state in
      ck_sgd(
        pool.handle, n, step, momentum, nesterov ? 1 : 0, gradient, parameter, state.0)
    }
  }

  /// Adam. Source: Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015.
  ///
  /// - Parameters:
  ///   - count: The number of this step, from 1.
  ///   - isDecoupled: Weight decay apart from the gradient: AdamW, Loshchilov & Hutter, ICLR 2019.
  public func adam(
    beta1: Double, beta2: Double, epsilon: Double, count: Int, isDecoupled: Bool, mean: Numbers,
    square: Numbers
  ) {
    run(mean, square) { n, gradient, parameter, state in
      let step = isDecoupled ? ck_adamw : ck_adam
      step(
        pool.handle, n, self.step, beta1, beta2, epsilon, count, gradient, parameter, state.0,
        state.1)
    }
  }

  /// RMSprop. Source: Tieleman & Hinton, lecture 6.5 of "Neural Networks for Machine Learning",
  /// 2012; centered: Graves, arXiv 1308.0850.
  ///
  /// - Parameters:
  ///   - mean: The running mean of the gradient, where the square is centered by it.
  ///   - velocity: nil where `momentum` is 0.
  public func rmsprop(
    alpha: Double, epsilon: Double, momentum: Double, square: Numbers, mean: Numbers?,
    velocity: Numbers?
  ) {
    precondition(velocity != nil || momentum == 0, "momentum \(momentum) needs a velocity")
    run(square, mean, velocity) { n, gradient, parameter, state in
      ck_rmsprop(
        pool.handle, n, step, alpha, epsilon, momentum, gradient, parameter, state.0, state.1,
        state.2)
    }
  }

  /// Adagrad. Source: Duchi, Hazan & Singer, JMLR 12, 2011.
  public func adagrad(epsilon: Double, sum: Numbers) {
    run(sum) { n, gradient, parameter, state in
      ck_adagrad(pool.handle, n, step, epsilon, gradient, parameter, state.0)
    }
  }

  private typealias Pointer = UnsafeMutablePointer<Float>

  private func run(
    _ first: Numbers?, _ second: Numbers? = nil, _ third: Numbers? = nil,
    _ update: (
      _ n: Int, _ gradient: Pointer, _ parameter: Pointer, _ state: (Pointer?, Pointer?, Pointer?)
    ) -> Void
  ) {
    check(first)
    check(second)
    check(third)
    guard let gradient = gradients.baseAddress, let parameter = values.baseAddress else { return }
    update(
      values.count, gradient, parameter,
      (first?.baseAddress, second?.baseAddress, third?.baseAddress))
  }

  private func check(_ state: Numbers?) {
    guard let state else { return }
    precondition(
      state.count == values.count, "\(values.count) values and \(state.count) of state")
  }
}
