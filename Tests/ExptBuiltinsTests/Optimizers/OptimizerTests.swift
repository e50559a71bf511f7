import ExptComponents
import ExptTensor
import ExptTesting
import Testing

/// Twenty steps against PyTorch 2.13, by this program:
///
///     import torch
///     def run(make):
///         p = torch.nn.Parameter(torch.tensor([0.5, -1.0, 2.0, 0.0, -0.25]))
///         o = make([p])
///         for t in range(1, 21):
///             i = torch.arange(5, dtype=torch.float32)
///             c = torch.tensor([1.0, -0.5, 0.25, -2.0, 0.01])
///             p.grad = p.detach() * (i + 1) + c * (1.0 if t % 3 else -2.0)
///             o.step()
///         print([float(f"{x:.8g}") for x in p.tolist()])
///     run(lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.1))
@Suite("Optimizers step as PyTorch's do")
struct OptimizerTests {
  static let cases: [(settings: String, expected: [Float])] = [
    (  // SGD(p, lr=0.05)
      "{type: sgd, learning_rate: 0.05, momentum: 0}",
      [0.10987342, -0.092493869, 0.063862771, 0.10788041, -0.0013352289]
    ),
    (  // SGD(p, lr=0.05, momentum=0.9, weight_decay=0.1)
      "{type: sgd, learning_rate: 0.05, momentum: 0.9, weight_decay: 0.1}",
      [0.024136776, -0.30028385, -0.2200765, 0.070292987, 0.034356162]
    ),
    (  // SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.1)
      "{type: sgd, learning_rate: 0.05, momentum: 0.9, nesterov: true, weight_decay: 0.1}",
      [-0.049159918, -0.056943696, -0.083411358, 0.18427175, -0.00086348667]
    ),
    (  // Adam(p, lr=0.05)
      "{type: adam, learning_rate: 0.05}",
      [0.15541902, -0.17707494, 1.0438749, 0.043569986, -0.02705602]
    ),
    (  // Adam(p, lr=0.05, betas=(0.8, 0.99), eps=1e-3, weight_decay=0.1)
      "{type: adam, learning_rate: 0.05, beta1: 0.8, beta2: 0.99, epsilon: 1e-3, weight_decay: 0.1}",
      [0.16388649, -0.2213016, 1.0704057, 0.03568995, -0.023766274]
    ),
    (  // AdamW(p, lr=0.05, weight_decay=0.1)
      "{type: adamw, learning_rate: 0.05, weight_decay: 0.1}",
      [0.13414893, -0.13619223, 0.90730363, 0.039053697, -0.028753808]
    ),
    (  // RMSprop(p, lr=0.05)
      "{type: rmsprop, learning_rate: 0.05}",
      [-0.10999539, 0.063604921, 0.040573925, 0.091920957, -0.00030405074]
    ),
    (  // RMSprop(p, lr=0.05, alpha=0.9, eps=1e-3, momentum=0.5, centered=True, weight_decay=0.1)
      """
      {type: rmsprop, learning_rate: 0.05, alpha: 0.9, epsilon: 1e-3, momentum: 0.5, \
      centered: true, weight_decay: 0.1}
      """,
      [-0.064614035, 0.038001548, 0.017414307, 0.051978793, -0.0047708061]
    ),
    (  // Adagrad(p, lr=0.05)
      "{type: adagrad, learning_rate: 0.05}",
      [0.34931666, -0.67950189, 1.6376795, 0.053956553, -0.019854752]
    ),
    (  // Adagrad(p, lr=0.05, weight_decay=0.1, eps=1e-3)
      "{type: adagrad, learning_rate: 0.05, weight_decay: 0.1, epsilon: 1e-3}",
      [0.34342709, -0.67772496, 1.6376022, 0.053469118, -0.019893797]
    ),
  ]

  @Test(arguments: cases)
  func `twenty steps end where PyTorch's do`(_ settings: String, _ expected: [Float]) throws {
    let optimizer = try builtins.make(.optimizer, settings)
    let seen = steps(20, optimizer)
    for (seen, expected) in zip(seen, expected) {
      #expect(abs(seen - expected) < 2e-6, "\(settings): \(seen), PyTorch \(expected)")
    }
  }

  private func steps(_ count: Int, _ optimizer: any Optimizer) -> [Float] {
    var arrays = [[0.5, -1, 2, 0, -0.25] as [Float], Array(repeating: 0, count: 5)]
    arrays += optimizer.slots.map { _ in Array(repeating: 0, count: 5) }
    let memory = arrays.map { array in
      let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: array.count)
      _ = memory.initialize(fromContentsOf: array)
      return memory
    }
    defer { memory.forEach { $0.deallocate() } }
    let constants: [Float] = [1, -0.5, 0.25, -2, 0.01]
    let pool = ThreadPool(threads: 1)
    for step in 1...count {
      for index in 0..<5 {
        let sign: Float = step % 3 == 0 ? -2 : 1
        memory[1][index] = memory[0][index] * Float(index + 1) + constants[index] * sign
      }
      optimizer.update(
        ParameterUpdate(
          values: memory[0], gradients: memory[1], slots: Array(memory[2...]), step: step,
          learningRate: optimizer.step.learningRate, pool: pool))
    }
    return Array(memory[0])
  }

  @Test func `nesterov without momentum is refused`() {
    #expect(throws: (any Error).self) {
      try builtins.make(.optimizer, "{type: sgd, momentum: 0, nesterov: true}")
    }
  }
}
