import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@testable import ExptBuiltins

@Suite("Optimizers beside optax")
struct LibraryOptimizerTests {
  static let cases: [(text: String, expected: [Double])] = [
    (
      "{ type: lion, learning_rate: 0.0625, beta1: 0.75, beta2: 0.875, weight_decay: 0.5 }",
      [0.3191552162, -0.8806180954, 1.644046783]
    ),
    (
      "{ type: adamw, learning_rate: 0.0625, beta1: 0.75, beta2: 0.875, epsilon: 1e-3, "
        + "weight_decay: 0.5 }", [0.419944109, -0.8385288144, 1.673515758]
    ),
    (
      "{ type: adamax, learning_rate: 0.0625, beta1: 0.75, beta2: 0.875, epsilon: 1e-3 }",
      [0.467791689, -0.9445956963, 1.901547879]
    ),
  ]

  @Test(arguments: cases) func `four steps`(_ one: (text: String, expected: [Double])) throws {
    let optimizer = try builtins.make(.optimizer, one.text)
    let memory = (0..<2 + optimizer.slots.count).map { _ in AlignedMemory.allocate(3) }
    defer { memory.forEach(AlignedMemory.free) }
    let pool = ThreadPool(threads: 1)
    _ = memory[0].update(fromContentsOf: [0.5, -1, 2])
    let gradients: [[Float]] = [
      [1, -0.5, 0.25], [-2, 0.25, 0.125], [0.5, 1, -0.75], [0.25, -1, 0.5],
    ]
    for (index, gradient) in gradients.enumerated() {
      _ = memory[1].update(fromContentsOf: gradient)
      optimizer.update(
        ParameterUpdate(
          values: memory[0], gradients: memory[1], slots: Array(memory[2...]), step: index + 1,
          learningRate: optimizer.step.learningRate, pool: pool))
    }
    expectSame(Array(memory[0]), one.expected, one.text)
  }
}
