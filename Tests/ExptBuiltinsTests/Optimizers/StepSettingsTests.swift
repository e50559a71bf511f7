import ExptComponents
import ExptTensor
import ExptTesting
import Testing

@Suite("Before an optimizer's step")
struct StepSettingsTests {
  private func step(_ settings: String) throws -> StepSettings {
    try builtins.make(.optimizer, "{type: adam, \(settings)}").step
  }

  private func rates(_ settings: String, _ steps: [Int]) throws -> [Double] {
    let step = try step(settings)
    return steps.map {
      step.learningRate(at: Progress(step: $0, stepsPerEpoch: 10, epochs: 8))
    }
  }

  @Test func `warm-up rises in equal steps to the full rate`() throws {
    #expect(try rates("learning_rate: 0.5", [0, 79]) == [0.5, 0.5])
    #expect(
      try rates("learning_rate: 0.5, warmup_epochs: 0.5", [0, 1, 3, 4, 5, 79])
        == [0.1, 0.2, 0.4, 0.5, 0.5, 0.5])
  }

  @Test func `warm-up multiplies the schedule`() throws {
    let settings =
      "learning_rate: 1, warmup_epochs: 2, schedule: {type: step, every: 1, factor: 0.5}"
    #expect(try rates(settings, [0, 9, 10, 19, 20]) == [0.05, 0.5, 0.275, 0.5, 0.25])
  }

  private func clipped(_ settings: String, _ gradients: [Float]) throws -> [Float] {
    let step = try step(settings)
    var gradients = gradients
    gradients.withUnsafeMutableBufferPointer { step.clip($0, pool: ThreadPool(threads: 1)) }
    return gradients
  }

  @Test func `gradients are scaled down where their norm is larger`() throws {
    #expect(try clipped("clip_norm: 2.5", [3, -4]) == [1.5, -2])
    #expect(try clipped("clip_norm: 5", [3, -4]) == [3, -4])
    #expect(try clipped("clip_norm: null", [300, -400]) == [300, -400])
  }

  @Test func `the norm is clipped before the values`() throws {
    #expect(try clipped("clip_value: 3.5", [3, -4]) == [3, -3.5])
    #expect(try clipped("clip_norm: 2.5, clip_value: 1.75", [3, -4]) == [1.5, -1.75])
  }
}
