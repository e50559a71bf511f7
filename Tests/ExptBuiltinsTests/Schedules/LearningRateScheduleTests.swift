import ExptComponents
import ExptTesting
import Foundation
import Testing

@testable import ExptBuiltins

@Suite("Learning-rate schedules")
struct LearningRateScheduleTests {
  private func factor(_ settings: String, step: Int, losses: [Double] = []) throws -> Double {
    try builtins.make(.learningRateSchedule, settings)
      .factor(Progress(step: step, stepsPerEpoch: 10, epochs: 20, losses: losses))
  }

  @Test func `constant stays`() throws {
    #expect(try factor("constant", step: 0) == 1)
    #expect(try factor("constant", step: 199) == 1)
  }

  @Test func `step falls after every few whole epochs`() throws {
    let settings = "{type: step, every: 3, factor: 0.5}"
    let seen = try [0, 29, 30, 59, 60, 199].map { try factor(settings, step: $0) }
    #expect(seen == [1, 1, 0.5, 0.5, 0.25, 1.0 / 64])
  }

  @Test func `stages have a factor each, and the last one stays`() throws {
    let settings = "{type: stages, epochs: [1, 3, 0.5], factors: [1, 0.5, 0.1]}"
    let seen = try [0, 9, 10, 39, 40, 44, 45, 199].map { try factor(settings, step: $0) }
    #expect(seen == [1, 1, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1])
    for wrong in ["{type: stages, epochs: [], factors: []}", "{type: stages, epochs: [1]}"] {
      #expect(throws: (any Error).self) { try factor(wrong, step: 0) }
    }
  }

  @Test func `exponential falls after every epoch`() throws {
    let settings = "{type: exponential, factor: 0.5}"
    let seen = try [0, 9, 10, 25, 199].map { try factor(settings, step: $0) }
    #expect(seen == [1, 1, 0.5, 0.25, pow(0.5, 19)])
  }

  @Test func `cosine falls from one to its minimum`() throws {
    for step in 0...200 {
      let expected = 0.1 + 0.9 * (1 + cos(Double.pi * Double(step) / 200)) / 2
      let seen = try factor("{type: cosine, minimum: 0.1}", step: step)
      #expect(abs(seen - expected) < 1e-14, "step \(step): \(seen), not \(expected)")
    }
    #expect(try factor("{type: cosine, minimum: 0.1}", step: 0) == 1)
    #expect(try factor("{type: cosine, minimum: 0.1}", step: 200) == 0.1)
    #expect(try factor("cosine", step: 500) == 0, "a longer run stays at the end")
  }

  /// The program, with PyTorch 2.13:
  ///
  ///     s = torch.optim.lr_scheduler.ReduceLROnPlateau(
  ///         o, factor=0.5, patience=2, threshold=0.01, threshold_mode='abs', min_lr=0.2)
  ///     for l in losses: out.append(o.param_groups[0]['lr']); s.step(l)
  ///     out.append(o.param_groups[0]['lr'])
  @Test func `reduce_on_plateau falls where PyTorch's does`() throws {
    let losses = [
      10, 9, 8.995, 8.994, 8.9, 8.895, 8.893, 8.8, 8.8, 8.8, 8.8, 8.8, 8.8, 8.8, 8.8, 8.7,
    ]
    let expected = [
      1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25,
    ]
    let settings =
      "{type: reduce_on_plateau, patience: 2, factor: 0.5, threshold: 0.01, minimum: 0.2}"
    let seen = try (0...losses.count).map { epochs in
      try factor(settings, step: epochs * 10, losses: Array(losses.prefix(epochs)))
    }
    #expect(seen == expected)
  }

  @Test func `reduce_on_plateau stops at its minimum, and negative losses count as well`() throws {
    let settings = "{type: reduce_on_plateau, patience: 0, factor: 0.1, minimum: 0.05}"
    #expect(try factor(settings, step: 50, losses: [-5, -5, -5, -5, -5]) == 0.05)
    #expect(try factor(settings, step: 50, losses: [-5, -6, -7, -8, -9]) == 1)
  }
}
