import CKernels
import Foundation
import Testing

/// One step of an optimizer: number, gradient, parameters and up to three arrays of state.
private typealias Update =
  @Sendable (
    OpaquePointer?, Int, [Float], inout [Float], inout [Float], inout [Float], inout [Float]
  ) -> Void

/// The same step of one parameter in Double.
private typealias ExactUpdate = @Sendable (Int, Double, inout Double, inout [Double]) -> Void

private struct OptimizerCase: Sendable, CustomTestStringConvertible {
  var name: String
  /// What PyTorch's optimizer makes of [1, -2, 0.5, 3] in five steps.
  var torch: [Double]
  var update: Update
  var exact: ExactUpdate
  var testDescription: String { name }
}

private func step(_ rate: Double, decay: Double = 0) -> ck_step {
  ck_step(learning_rate: rate, weight_decay: decay, gradient_scale: 1)
}

private func power(_ base: Double, _ exponent: Int) -> Double {
  (0..<exponent).reduce(1) { product, _ in product * base }
}

/// Adam, with the decay added to the gradient or (`decoupled`) taken off the parameter.
private func exactAdam(
  _ rate: Double, _ beta1: Double, _ beta2: Double, _ epsilon: Double, _ decay: Double,
  decoupled: Bool
) -> ExactUpdate {
  { count, gradient, p, state in
    if decoupled { p *= 1 - rate * decay }
    let g = decoupled ? gradient : gradient + decay * p
    state[0] = beta1 * state[0] + (1 - beta1) * g
    state[1] = beta2 * state[1] + (1 - beta2) * g * g
    let mean = state[0] / (1 - power(beta1, count))
    let square = state[1] / (1 - power(beta2, count))
    p -= rate * mean / (square.squareRoot() + epsilon)
  }
}

private func exactRMSprop(
  _ rate: Double, _ alpha: Double, _ momentum: Double, _ decay: Double, centered: Bool
) -> ExactUpdate {
  { _, gradient, p, state in
    let g = gradient + decay * p
    state[0] = alpha * state[0] + (1 - alpha) * g * g
    state[1] = alpha * state[1] + (1 - alpha) * g
    let variance = centered ? state[0] - state[1] * state[1] : state[0]
    state[2] = momentum * state[2] + g / (variance.squareRoot() + 1e-8)
    p -= rate * state[2]
  }
}

private func exactSGD(_ rate: Double, _ momentum: Double, _ decay: Double, nesterov: Bool)
  -> ExactUpdate
{
  { _, gradient, p, state in
    let g = gradient + decay * p
    state[0] = momentum * state[0] + g
    p -= rate * (nesterov ? g + momentum * state[0] : state[0])
  }
}

private func exactAdamax(
  _ rate: Double, _ beta1: Double, _ beta2: Double, _ epsilon: Double, _ decay: Double
) -> ExactUpdate {
  { count, gradient, p, state in
    let g = gradient + decay * p
    state[0] = beta1 * state[0] + (1 - beta1) * g
    state[1] = max(beta2 * state[1], abs(g) + epsilon)
    p -= rate / (1 - power(beta1, count)) * state[0] / state[1]
  }
}

/// μ_t, μ_{t+1} and Π μ_i, by libm.
private func momenta(_ beta1: Double, _ decay: Double, _ count: Int) -> (Double, Double, Double) {
  func momentum(_ t: Int) -> Double { beta1 * (1 - 0.5 * pow(0.96, Double(t) * decay)) }
  return (
    momentum(count), momentum(count + 1), (1...count).reduce(1) { $0 * momentum($1) }
  )
}

private func nadamRates(
  _ rate: Double, _ beta1: Double, _ decay: Double, _ count: Int
) -> ck_nadam_rates {
  let (now, next, product) = momenta(beta1, decay, count)
  return ck_nadam_rates(
    gradient: rate * (1 - now) / (1 - product), mean: rate * next / (1 - product * next))
}

private func exactNAdam(
  _ rate: Double, _ beta1: Double, _ beta2: Double, _ epsilon: Double, _ decay: Double,
  momentumDecay: Double = 4e-3, decoupled: Bool = false
) -> ExactUpdate {
  { count, gradient, p, state in
    if decoupled { p *= 1 - rate * decay }
    let g = decoupled ? gradient : gradient + decay * p
    state[0] = beta1 * state[0] + (1 - beta1) * g
    state[1] = beta2 * state[1] + (1 - beta2) * g * g
    let (now, next, product) = momenta(beta1, momentumDecay, count)
    let size = (state[1] / (1 - power(beta2, count))).squareRoot() + epsilon
    p -= rate * (1 - now) / (1 - product) * g / size
    p -= rate * next / (1 - product * next) * state[0] / size
  }
}

private func exactRAdam(
  _ rate: Double, _ beta1: Double, _ beta2: Double, _ epsilon: Double, _ decay: Double,
  decoupled: Bool = false
) -> ExactUpdate {
  { count, gradient, p, state in
    if decoupled { p *= 1 - rate * decay }
    let g = decoupled ? gradient : gradient + decay * p
    state[0] = beta1 * state[0] + (1 - beta1) * g
    state[1] = beta2 * state[1] + (1 - beta2) * g * g
    let mean = state[0] / (1 - power(beta1, count))
    let most = 2 / (1 - beta2) - 1
    let left = 1 - power(beta2, count)
    let rho = most - 2 * Double(count) * power(beta2, count) / left
    guard rho > 5 else {
      p -= rate * mean
      return
    }
    let rectified = (rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho)
    p -= rate * mean * (rectified * left).squareRoot() / (state[1].squareRoot() + epsilon)
  }
}

private func exactLion(
  _ rate: Double, _ beta1: Double, _ beta2: Double, _ decay: Double
) -> ExactUpdate {
  { _, gradient, p, state in
    let way = beta1 * state[0] + (1 - beta1) * gradient
    p -= rate * ((way > 0 ? 1 : way < 0 ? -1 : 0) + decay * p)
    state[0] = beta2 * state[0] + (1 - beta2) * gradient
  }
}

// The numbers are those of PyTorch 2.13:
//
//     import torch
//     def run(make):
//         p = torch.tensor([1.0, -2.0, 0.5, 3.0], requires_grad=True)
//         o = make([p])
//         for k in range(1, 6):
//             p.grad = torch.tensor([0.1, -0.2, 0.3, 1e-3]) * k
//             o.step()
//         print(["%.9g" % v for v in p.tolist()])
//     run(lambda p: torch.optim.SGD(p, 0.1, weight_decay=0.01))   # and so on, as named below
private let optimizers: [OptimizerCase] = [
  OptimizerCase(
    name: "SGD(p, 0.1, weight_decay=0.01)",
    torch: [0.845209837, -1.69041967, 0.0481045134, 2.98353195],
    update: { pool, _, g, p, _, _, _ in
      ck_sgd(pool, p.count, step(0.1, decay: 0.01), 0, 0, g, &p, nil)
    }, exact: exactSGD(0.1, 0, 0.01, nesterov: false)),
  OptimizerCase(
    name: "SGD(p, 0.1, momentum=0.9)",
    torch: [0.682969034, -1.36593807, -0.451093078, 2.99682999],
    update: { pool, _, g, p, a, _, _ in ck_sgd(pool, p.count, step(0.1), 0.9, 0, g, &p, &a) },
    exact: exactSGD(0.1, 0.9, 0, nesterov: false)),
  OptimizerCase(
    name: "SGD(p, 0.1, momentum=0.9, nesterov=True, weight_decay=0.01)",
    torch: [0.549112856, -1.09822571, -0.810758293, 2.9453752],
    update: { pool, _, g, p, a, _, _ in
      ck_sgd(pool, p.count, step(0.1, decay: 0.01), 0.9, 1, g, &p, &a)
    }, exact: exactSGD(0.1, 0.9, 0.01, nesterov: true)),
  OptimizerCase(
    name: "Adam(p, 0.01)", torch: [0.951491654, -1.95149171, 0.451491714, 2.95149207],
    update: { pool, count, g, p, a, b, _ in
      ck_adam(pool, p.count, step(0.01), 0.9, 0.999, 1e-8, count, g, &p, &a, &b)
    }, exact: exactAdam(0.01, 0.9, 0.999, 1e-8, 0, decoupled: false)),
  OptimizerCase(
    name: "Adam(p, 0.01, betas=(0.5, 0.9), eps=1e-4, weight_decay=0.1)",
    torch: [0.946017325, -1.94600153, 0.445483804, 2.95001674],
    update: { pool, count, g, p, a, b, _ in
      ck_adam(pool, p.count, step(0.01, decay: 0.1), 0.5, 0.9, 1e-4, count, g, &p, &a, &b)
    }, exact: exactAdam(0.01, 0.5, 0.9, 1e-4, 0.1, decoupled: false)),
  OptimizerCase(
    name: "AdamW(p, 0.01, weight_decay=0.1)",
    torch: [0.946599364, -1.94160938, 0.449094355, 2.93661976],
    update: { pool, count, g, p, a, b, _ in
      ck_adamw(pool, p.count, step(0.01, decay: 0.1), 0.9, 0.999, 1e-8, count, g, &p, &a, &b)
    }, exact: exactAdam(0.01, 0.9, 0.999, 1e-8, 0.1, decoupled: true)),
  OptimizerCase(
    name: "RMSprop(p, 0.01)", torch: [0.58911711, -1.58911717, 0.0891169757, 2.58913541],
    update: { pool, _, g, p, a, _, _ in
      ck_rmsprop(pool, p.count, step(0.01), 0.99, 1e-8, 0, g, &p, &a, nil, nil)
    }, exact: exactRMSprop(0.01, 0.99, 0, 0, centered: false)),
  OptimizerCase(
    name: "RMSprop(p, 0.01, alpha=0.9, momentum=0.8, weight_decay=0.1)",
    torch: [0.695288301, -1.69475746, 0.184006855, 2.73451138],
    update: { pool, _, g, p, a, _, c in
      ck_rmsprop(pool, p.count, step(0.01, decay: 0.1), 0.9, 1e-8, 0.8, g, &p, &a, nil, &c)
    }, exact: exactRMSprop(0.01, 0.9, 0.8, 0.1, centered: false)),
  OptimizerCase(
    name: "RMSprop(p, 0.01, alpha=0.9, centered=True)",
    torch: [0.849761844, -1.84976196, 0.349761873, 2.84976435],
    update: { pool, _, g, p, a, b, _ in
      ck_rmsprop(pool, p.count, step(0.01), 0.9, 1e-8, 0, g, &p, &a, &b, nil)
    }, exact: exactRMSprop(0.01, 0.9, 0, 0, centered: true)),
  OptimizerCase(
    name: "Adagrad(p, 0.1, weight_decay=0.01)",
    torch: [0.592845917, -1.59272814, 0.090462029, 2.67465639],
    update: { pool, _, g, p, a, _, _ in
      ck_adagrad(pool, p.count, step(0.1, decay: 0.01), 1e-10, g, &p, &a)
    },
    exact: { _, gradient, p, state in
      let g = gradient + 0.01 * p
      state[0] += g * g
      p -= 0.1 * g / (state[0].squareRoot() + 1e-10)
    }),
  OptimizerCase(
    name: "Adamax(p, 0.01)", torch: [0.962470412, -1.96247053, 0.462470442, 2.96247053],
    update: { pool, count, g, p, a, b, _ in
      var rule = ck_adamax_update(step(0.01), 0.9, 0.999, 1e-8, count, &p, &a, &b)
      ck_update_run(pool, &rule, 0, g.count, g)
    }, exact: exactAdamax(0.01, 0.9, 0.999, 1e-8, 0)),
  OptimizerCase(
    name: "Adamax(p, 0.01, betas=(0.5, 0.9), eps=1e-4, weight_decay=0.1)",
    torch: [0.955395103, -1.95539963, 0.456725925, 2.95001674],
    update: { pool, count, g, p, a, b, _ in
      var rule = ck_adamax_update(step(0.01, decay: 0.1), 0.5, 0.9, 1e-4, count, &p, &a, &b)
      ck_update_run(pool, &rule, 0, g.count, g)
    }, exact: exactAdamax(0.01, 0.5, 0.9, 1e-4, 0.1)),
  OptimizerCase(
    name: "NAdam(p, 0.01)", torch: [0.950066388, -1.95006633, 0.450066388, 2.95006633],
    update: { pool, count, g, p, a, b, _ in
      var rule = ck_nadam_update(
        step(0.01), 0, 0.9, 0.999, 1e-8, count, nadamRates(0.01, 0.9, 4e-3, count), &p, &a, &b)
      ck_update_run(pool, &rule, 0, g.count, g)
    }, exact: exactNAdam(0.01, 0.9, 0.999, 1e-8, 0)),
  OptimizerCase(
    name: "NAdam(p, 0.01, betas=(0.5, 0.9), eps=1e-4, weight_decay=0.1, momentum_decay=0.1)",
    torch: [0.939938486, -1.9399035, 0.437776029, 2.94911599],
    update: { pool, count, g, p, a, b, _ in
      var rule = ck_nadam_update(
        step(0.01, decay: 0.1), 0, 0.5, 0.9, 1e-4, count, nadamRates(0.01, 0.5, 0.1, count), &p,
        &a, &b)
      ck_update_run(pool, &rule, 0, g.count, g)
    }, exact: exactNAdam(0.01, 0.5, 0.9, 1e-4, 0.1, momentumDecay: 0.1)),
  OptimizerCase(
    name: "NAdam(p, 0.01, weight_decay=0.1, decoupled_weight_decay=True)",
    torch: [0.945176601, -1.9401865, 0.447671592, 2.93519664],
    update: { pool, count, g, p, a, b, _ in
      var rule = ck_nadam_update(
        step(0.01, decay: 0.1), 1, 0.9, 0.999, 1e-8, count, nadamRates(0.01, 0.9, 4e-3, count),
        &p, &a, &b)
      ck_update_run(pool, &rule, 0, g.count, g)
    }, exact: exactNAdam(0.01, 0.9, 0.999, 1e-8, 0.1, decoupled: true)),
  OptimizerCase(
    name: "RAdam(p, 0.01)", torch: [0.989562571, -1.97912514, 0.468687743, 2.99989557],
    update: { pool, count, g, p, a, b, _ in
      var rule = ck_radam_update(step(0.01), 0, 0.9, 0.999, 1e-8, count, &p, &a, &b)
      ck_update_run(pool, &rule, 0, g.count, g)
    }, exact: exactRAdam(0.01, 0.9, 0.999, 1e-8, 0)),
  OptimizerCase(
    name: "RAdam(p, 0.01, betas=(0.5, 0.8), eps=1e-4, weight_decay=0.1)",
    torch: [0.982496381, -1.96499276, 0.459970385, 2.98489761],
    update: { pool, count, g, p, a, b, _ in
      var rule = ck_radam_update(step(0.01, decay: 0.1), 0, 0.5, 0.8, 1e-4, count, &p, &a, &b)
      ck_update_run(pool, &rule, 0, g.count, g)
    }, exact: exactRAdam(0.01, 0.5, 0.8, 1e-4, 0.1)),
  OptimizerCase(
    name: "RAdam(p, 0.01, weight_decay=0.1, decoupled_weight_decay=True)",
    torch: [0.984587967, -1.96917593, 0.466238797, 2.98492599],
    update: { pool, count, g, p, a, b, _ in
      var rule = ck_radam_update(step(0.01, decay: 0.1), 1, 0.9, 0.999, 1e-8, count, &p, &a, &b)
      ck_update_run(pool, &rule, 0, g.count, g)
    }, exact: exactRAdam(0.01, 0.9, 0.999, 1e-8, 0.1, decoupled: true)),
  // Not PyTorch's: five steps of 0.01 against the gradient's sign, each after a decay of 0.1 %.
  OptimizerCase(
    name: "Lion(p, 0.01, weight_decay=0.1)",
    torch: [1, -2, 0.5, 3].map { p in
      (0..<5).reduce(p) { p, _ in p * 0.999 - (p == -2 || p < 0 ? -0.01 : 0.01) }
    },
    update: { pool, _, g, p, a, _, _ in
      var rule = ck_lion_update(step(0.01, decay: 0.1), 0.9, 0.99, &p, &a)
      ck_update_run(pool, &rule, 0, g.count, g)
    }, exact: exactLion(0.01, 0.9, 0.99, 0.1)),
]

@Suite("Optimizers")
struct VectorOptimizerTests {
  /// Five steps; the gradient of step k is k times `gradient`.
  private func run(_ update: Update, from p: [Float], _ gradient: [Float]) -> [Float] {
    everywhere { pool in
      var p = p
      var a = [Float](repeating: 0, count: p.count), b = a, c = a
      for count in 1...5 {
        update(pool, count, gradient.map { $0 * Float(count) }, &p, &a, &b, &c)
      }
      return p + a + b + c
    }
  }

  @Test(arguments: optimizers)
  private func `five steps end where PyTorch's do`(_ optimizer: OptimizerCase) {
    let seen = run(optimizer.update, from: [1, -2, 0.5, 3], [0.1, -0.2, 0.3, 1e-3])
    expectClose(Array(seen[..<4]), optimizer.torch, relative: 1e-6, absolute: 1e-7)
  }

  @Test(arguments: optimizers)
  private func `five steps of many parameters agree with Double`(_ optimizer: OptimizerCase) {
    for n in oddLengths {
      let p = numbers(n, 2), gradient = numbers(n, seed: 2).map { $0 + ($0 < 0 ? -0.01 : 0.01) }
      let seen = run(optimizer.update, from: p, gradient)
      var exact = p.map(Double.init)
      for index in 0..<n {
        var state = [0.0, 0, 0]
        for count in 1...5 {
          optimizer.exact(count, Double(gradient[index] * Float(count)), &exact[index], &state)
        }
      }
      expectClose(Array(seen[..<n]), exact, relative: 1e-6, absolute: 1e-6)
    }
  }

  @Test func `the gradient scale multiplies gradients before anything else`() {
    let g = numbers(100), halved = g.map { $0 * 0.5 }
    func run(_ g: [Float], scale: Double) -> [Float] {
      var p = numbers(100, seed: 2), mean = [Float](repeating: 0, count: 100), square = mean
      let step = ck_step(learning_rate: 0.01, weight_decay: 0.1, gradient_scale: scale)
      ck_adam(nil, 100, step, 0.9, 0.999, 1e-8, 1, g, &p, &mean, &square)
      return p + mean + square
    }
    #expect(run(g, scale: 0.5) == run(halved, scale: 1))
  }

  @Test func `state that shrinks without gradients reaches zero`() {
    var p: [Float] = [1], mean: [Float] = [1e-37], square: [Float] = [1e-37]
    for count in 1...100 {
      ck_adam(nil, 1, step(0), 0.5, 0.5, 1e-8, count, [0], &p, &mean, &square)
    }
    #expect(mean == [0] && square == [0] && p == [1])
  }

  @Test func `powers for the bias corrections`() {
    for (base, exponent) in [(0.9, 0), (0.9, 1), (0.999, 1000), (0.5, 60), (0.999, 123_457)] {
      let exact = power(base, exponent)
      #expect(abs(ck_power(base, exponent) - exact) <= 1e-10 * exact)
    }
  }
}
