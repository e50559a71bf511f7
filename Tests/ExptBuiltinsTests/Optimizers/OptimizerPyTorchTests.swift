import ExptComponents
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

/// Two hundred steps by the gradients of `optimizers.py`: ½·(i + 1)·θᵢ + ((7t + 3i) mod 11)/4 − 1.
private func steps(
  _ count: Int, _ update: (_ step: Int, _ gradients: [Float], inout [Float]) -> Void
) -> [Float] {
  var values: [Float] = [0.5, -1, 2, 0, -0.25]
  for step in 0..<count {
    let gradients = (0..<5).map { index in
      values[index] * Float(index + 1) * 0.5 + (Float((7 * step + 3 * index) % 11) * 0.25 - 1)
    }
    update(step + 1, gradients, &values)
  }
  return values
}

/// The same, by an optimizer.
private func steps(_ count: Int, _ optimizer: any Optimizer) -> [Float] {
  let memory = (0..<2 + optimizer.slots.count).map { _ in AlignedMemory.allocate(5) }
  defer { memory.forEach(AlignedMemory.free) }
  let pool = ThreadPool(threads: 1)
  return steps(count) { step, gradients, values in
    _ = memory[0].update(fromContentsOf: values)
    _ = memory[1].update(fromContentsOf: gradients)
    optimizer.update(
      ParameterUpdate(
        values: memory[0], gradients: memory[1], slots: Array(memory[2...]), step: step,
        learningRate: optimizer.step.learningRate, pool: pool))
    values = Array(memory[0])
  }
}

private func printed(_ arguments: [String]) throws -> [[Double]] {
  try Python.run(file: packageFolder + "/Tests/Python/optimizers.py", arguments)
    .split(separator: "\n").map { $0.split(separator: " ").compactMap { Double($0) } }
}

@Suite("Optimizers and schedules beside PyTorch's")
struct OptimizerPyTorchTests {
  static let optimizers: [(expt: String, pyTorch: String)] = [
    (
      "{ type: sgd, learning_rate: 0.05, weight_decay: 0.1 }",
      "SGD([p], lr=0.05, momentum=0.9, weight_decay=0.1)"
    ),
    ("{ type: adam, learning_rate: 0.02 }", "Adam([p], lr=0.02)"),
    (
      "{ type: adamw, learning_rate: 0.02, weight_decay: 0.1 }",
      "AdamW([p], lr=0.02, weight_decay=0.1)"
    ),
    ("{ type: rmsprop, learning_rate: 0.02, epsilon: 1e-4 }", "RMSprop([p], lr=0.02, eps=1e-4)"),
    ("{ type: adagrad, learning_rate: 0.1 }", "Adagrad([p], lr=0.1)"),
    // With all defaults, then with none.
    ("adamax", "Adamax([p])"),
    (
      "{ type: adamax, learning_rate: 0.05, beta1: 0.8, beta2: 0.9, epsilon: 1e-3, weight_decay: 0.1 }",
      "Adamax([p], lr=0.05, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.1)"
    ),
    ("nadam", "NAdam([p])"),
    (
      "{ type: nadam, learning_rate: 0.02, beta1: 0.8, beta2: 0.9, epsilon: 1e-3, weight_decay: 0.1, "
        + "momentum_decay: 0.03 }",
      "NAdam([p], lr=0.02, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.1, momentum_decay=0.03)"
    ),
    (
      "{ type: nadam, learning_rate: 0.02, weight_decay: 0.1, decoupled_decay: true }",
      "NAdam([p], lr=0.02, weight_decay=0.1, decoupled_weight_decay=True)"
    ),
    ("radam", "RAdam([p])"),
    (
      "{ type: radam, learning_rate: 0.02, beta1: 0.8, beta2: 0.9, epsilon: 1e-3, weight_decay: 0.1 }",
      "RAdam([p], lr=0.02, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.1)"
    ),
    (
      "{ type: radam, learning_rate: 0.02, weight_decay: 0.1, decoupled_decay: true }",
      "RAdam([p], lr=0.02, weight_decay=0.1, decoupled_weight_decay=True)"
    ),
    // ρ never exceeds 5.
    ("{ type: radam, learning_rate: 0.02, beta2: 0.5 }", "RAdam([p], lr=0.02, betas=(0.9, 0.5))"),
    ("lion", "Lion([p])"),
    (
      "{ type: lion, learning_rate: 0.01, beta1: 0.8, beta2: 0.95, weight_decay: 0.1 }",
      "Lion([p], lr=0.01, betas=(0.8, 0.95), weight_decay=0.1)"
    ),
  ]

  @Test(.needs(.pyTorch)) func `two hundred steps end where theirs do`() throws {
    let expected = try printed(["steps", "200"] + Self.optimizers.map(\.pyTorch))
    try #require(expected.count == Self.optimizers.count)
    for (optimizer, expected) in zip(Self.optimizers, expected) {
      let seen = steps(200, try builtins.make(.optimizer, optimizer.expt))
      #expect(largestError(seen, expected) < 1e-5, "\(optimizer.expt): \(seen), not \(expected)")
    }
  }

  /// Epochs of 10 steps, at a rate of 1.
  static let schedules: [(expt: String, pyTorch: String)] = [
    ("one_cycle", "OneCycleLR(o, 1, total_steps=200, cycle_momentum=False)"),
    (
      "{ type: one_cycle, rising: 0.25, start_divisor: 10, end_divisor: 100, curve: linear }",
      "OneCycleLR(o, 1, total_steps=200, pct_start=0.25, div_factor=10, final_div_factor=100, "
        + "anneal_strategy='linear', cycle_momentum=False)"
    ),
    (
      "{ type: one_cycle, rising: 0.4, three_phases: true }",
      "OneCycleLR(o, 1, total_steps=200, pct_start=0.4, three_phase=True, cycle_momentum=False)"
    ),
    ("polynomial", "PolynomialLR(o, total_iters=200)"),
    ("{ type: polynomial, power: 0.9 }", "PolynomialLR(o, total_iters=200, power=0.9)"),
    ("{ type: polynomial, power: 2, epochs: 12.5 }", "PolynomialLR(o, total_iters=125, power=2)"),
  ]

  @Test(.needs(.pyTorch)) func `rates are theirs in every step`() throws {
    let expected = try printed(["rates", "200"] + Self.schedules.map(\.pyTorch))
    try #require(expected.count == Self.schedules.count)
    for (schedule, expected) in zip(Self.schedules, expected) {
      let made = try builtins.make(.learningRateSchedule, schedule.expt)
      for (step, rate) in expected.enumerated() {
        let seen = made.factor(Progress(step: step, stepsPerEpoch: 10, epochs: 20))
        #expect(abs(seen - rate) < 1e-12, "\(schedule.expt), step \(step): \(seen), not \(rate)")
      }
    }
  }

  @Test func `a cycle of few steps, and one that goes on after its end, have a rate`() throws {
    let cycle = try builtins.make(.learningRateSchedule, "one_cycle")
    for steps in 1...5 {
      for step in 0..<20 {
        let rate = cycle.factor(Progress(step: step, stepsPerEpoch: steps, epochs: 1))
        #expect((0...1).contains(rate), "step \(step) of \(steps)")
      }
    }
  }
}

/// Known wrong versions, which lead elsewhere.
@Suite("What optimizers are mistaken for")
struct OptimizerTrapTests {
  private func distance(_ settings: String, _ other: [Float]) throws -> Double {
    largestError(other, steps(200, try builtins.make(.optimizer, settings)).map(Double.init))
  }

  private func lion(_ update: Float, _ kept: Float) -> [Float] {
    var mean = [Float](repeating: 0, count: 5)
    return steps(200) { _, gradients, values in
      for (index, gradient) in gradients.enumerated() {
        let way = update * mean[index] + (1 - update) * gradient
        values[index] -= 0.01 * (way > 0 ? 1 : way < 0 ? -1 : 0)
        mean[index] = kept * mean[index] + (1 - kept) * gradient
      }
    }
  }

  @Test func `lion's two betas exchanged, or one for both`() throws {
    let settings = "{ type: lion, learning_rate: 0.01 }"
    #expect(try distance(settings, lion(0.9, 0.99)) < 1e-5)
    #expect(try distance(settings, lion(0.99, 0.9)) > 1e-3)
    #expect(try distance(settings, lion(0.99, 0.99)) > 1e-3)
    #expect(try distance(settings, lion(0.9, 0.9)) > 1e-3)
  }

  /// - Parameter product: Of μ_1 … μ_t, from t, μ_t and the product before.
  private func nadam(_ product: (Int, Double, Double) -> Double) -> [Float] {
    var (mean, square) = ([Double](repeating: 0, count: 5), [Double](repeating: 0, count: 5))
    var before = 1.0
    return steps(200) { step, gradients, values in
      let now = 0.9 * (1 - 0.5 * pow(0.96, Double(step) * 0.004))
      let next = 0.9 * (1 - 0.5 * pow(0.96, Double(step + 1) * 0.004))
      before = product(step, now, before)
      for (index, gradient) in gradients.map(Double.init).enumerated() {
        mean[index] = 0.9 * mean[index] + 0.1 * gradient
        square[index] = 0.999 * square[index] + 0.001 * gradient * gradient
        let size = (square[index] / (1 - pow(0.999, Double(step)))).squareRoot() + 1e-8
        let way =
          (1 - now) / (1 - before) * gradient + next / (1 - before * next) * mean[index]
        values[index] -= Float(0.02 * way / size)
      }
    }
  }

  @Test func `nadam's product of momenta is no power of one of them`() throws {
    let settings = "{ type: nadam, learning_rate: 0.02 }"
    #expect(try distance(settings, nadam { _, now, before in before * now }) < 1e-5)
    #expect(try distance(settings, nadam { step, _, _ in pow(0.9, Double(step)) }) > 1e-3)
  }

  private func radam(leastRho: Double) -> [Float] {
    var (mean, square) = ([Double](repeating: 0, count: 5), [Double](repeating: 0, count: 5))
    return steps(200) { step, gradients, values in
      let power = pow(0.999, Double(step))
      let rho = 1999 - 2 * Double(step) * power / (1 - power)
      for (index, gradient) in gradients.map(Double.init).enumerated() {
        mean[index] = 0.9 * mean[index] + 0.1 * gradient
        square[index] = 0.999 * square[index] + 0.001 * gradient * gradient
        var way = mean[index] / (1 - pow(0.9, Double(step)))
        if rho > leastRho {
          let rectified = (rho - 4) * (rho - 2) * 1999 / (1995 * 1997 * rho)
          way *= (max(0, rectified) * (1 - power)).squareRoot()
          way /= square[index].squareRoot() + 1e-8
        }
        values[index] -= Float(0.02 * way)
      }
    }
  }

  /// Without the branch the first steps are none, or by the root of a negative number.
  @Test func `radam's first steps are not rectified`() throws {
    let settings = "{ type: radam, learning_rate: 0.02 }"
    #expect(try distance(settings, radam(leastRho: 5)) < 1e-5)
    #expect(try distance(settings, radam(leastRho: -.infinity)) > 1e-3)
  }
}
