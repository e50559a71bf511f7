import ExptComponents
import ExptTensor

extension Behaviour {
  mutating func examine(_ optimizer: any Optimizer) {
    let run = Descent(optimizer, threads: 1)
    record(run.values + run.slots)
    if isBrief { return }
    expectFinite(run.values + run.slots, "a parameter or the optimizer's state")
    let again = Descent(optimizer, threads: 1)
    expect(
      again.values == run.values && again.slots == run.slots, "its steps do not repeat")
    let threads = Descent(optimizer, threads: 3)
    expect(
      threads.values == run.values && threads.slots == run.slots,
      "its steps depend on the number of threads")
    expect(
      run.lossAfter < run.lossBefore,
      "twelve steps downhill lead from \(run.lossBefore) up to \(run.lossAfter)")
    expect(
      run.values.suffix(Descent.padding).allSatisfy { $0 == 0 },
      "numbers that are 0 and have no gradient do not stay 0")
  }
}

/// Twelve steps on ½ Σ cᵢ(θᵢ − tᵢ)², trained as the trainer does.
private struct Descent {
  static let count = 8192 + 40
  /// Zeros at the end, such as lie between parameters.
  static let padding = 16
  var values: [Float]
  var slots: [Float] = []
  var lossBefore = 0.0
  var lossAfter = 0.0
  private let targets = TestNumbers.normal(Descent.count, seed: 3)
  private let curvatures = TestNumbers.uniform(Descent.count, in: 0.5...2, seed: 4)

  init(_ optimizer: any Optimizer, threads: Int) {
    values = TestNumbers.normal(Self.count, seed: 2)
    for index in values.indices.suffix(Self.padding) { values[index] = 0 }
    lossBefore = loss
    let arrays = (0..<optimizer.slots.count + 2).map { _ in
      UnsafeMutableBufferPointer<Float>.allocate(capacity: Self.count)
    }
    defer { arrays.forEach { $0.deallocate() } }
    arrays.forEach { $0.initialize(repeating: 0) }
    _ = arrays[0].update(fromContentsOf: values)
    let pool = ThreadPool(threads: threads)
    for step in 0..<12 {
      for index in 0..<Self.count - Self.padding {
        arrays[1][index] = curvatures[index] * (arrays[0][index] - targets[index])
      }
      if optimizer.step.skips(arrays[1], pool: pool) { continue }
      optimizer.step.clip(arrays[1], pool: pool)
      let progress = Progress(
        step: step, stepsPerEpoch: 2, epochs: 6, losses: Array(repeating: 1, count: step / 2))
      optimizer.update(
        ParameterUpdate(
          values: arrays[0], gradients: arrays[1], slots: Array(arrays[2...]), step: step + 1,
          learningRate: optimizer.step.learningRate(at: progress), pool: pool))
    }
    values = Array(arrays[0])
    slots = arrays[2...].flatMap(Array.init)
    lossAfter = loss
  }

  private var loss: Double {
    (0..<Self.count - Self.padding).reduce(0.0) { sum, index in
      let distance = Double(values[index]) - Double(targets[index])
      return sum + 0.5 * Double(curvatures[index]) * distance * distance
    }
  }
}
