import ExptBuiltins
import ExptComponents
import ExptTesting
import Testing

/// Samplers and evaluators of a plugin, some with one fault.
@Suite("The conformance suite, of samplers and evaluators, finds")
struct JudgeConformanceTests {
  private func problems(_ type: any Component.Type) throws -> [String] {
    Conformance.problems(of: type, in: try Catalog(Catalog.builtins + [type]))
  }

  @Test func `nothing wrong with good ones`() throws {
    #expect(try problems(Picking.self) == [])
    #expect(try problems(Accuracy.self) == [])
  }

  @Test func `a sampler that does not look at what it is given`() throws {
    #expect(
      try problems(Trusting.self) == [
        "the first of 40 draws are not those of 15", "it draws though 'latents' is missing",
      ])
  }

  @Test func `an evaluator that fails without what it does not ask for`() throws {
    #expect(
      try problems(Demanding.self) == ["it fails without prior, and says the contrary"])
  }
}

/// Draws latents that there were.
private struct Picking: Sampler {
  static let id = "picking"
  static let summary = "Draws latents that there were."
  @Setting("Take every n-th latent.", .within(1...10)) var every: Int = 1

  func fit(_ latents: FittingData) throws(SamplerProblem) -> FittedArrays {
    FittedArrays([.init("latents", [latents.count, latents.width], latents.values)])
  }

  func draw(
    _ count: Int, from fitted: FittedArrays, width: Int, seed: UInt64
  ) throws(SamplerProblem) -> [Float] {
    let rows = fitted.arrays.first?.shape.first ?? 0
    let latents = try fitted.values("latents", [rows, width])
    return (0..<count).flatMap { number in
      let row = (number * every + Int(seed % 1000)) % rows
      return latents[row * width..<(row + 1) * width]
    }
  }
}

private struct Trusting: Sampler {
  static let id = "trusting"
  static let summary = "Draws latents that there were, the last first."

  func fit(_ latents: FittingData) -> FittedArrays {
    FittedArrays([.init("latents", [latents.count, latents.width], latents.values)])
  }

  func draw(_ count: Int, from fitted: FittedArrays, width: Int, seed: UInt64) -> [Float] {
    let latents = fitted.arrays.first?.values ?? [0]
    return (0..<count * width).map { latents[(count + $0 + Int(seed)) % latents.count] }
  }
}

/// Whether the class can be told by whether a latent is over a threshold.
private struct Accuracy: Evaluator {
  static let id = "threshold_accuracy"
  static let summary = "Tells even classes from odd ones by a threshold."
  static let direction = Direction.higherIsBetter
  static let needs: Set<EvaluationNeed> = [.labels]
  @Setting("The threshold.") var threshold: Double = 0.5

  func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let codes = subject.encodings
    guard let labels = codes.annotations.labels else { throw EvaluationProblem("no labels") }
    let right = labels.enumerated().count { image, label in
      (Double(codes.mean[image * codes.latent]) > threshold) == label.isMultiple(of: 2)
    }
    return Score([.init("accuracy", Double(right) / Double(codes.count))], method: "a threshold")
  }
}

private struct Demanding: Evaluator {
  static let id = "demanding"
  static let summary = "Measures draws of a prior that there may not be."
  static let direction = Direction.lowerIsBetter

  func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    guard let first = subject.model.drawPrior(1, seed: 0).first else {
      throw EvaluationProblem("there is no prior")
    }
    return Score([.init("first", Double(first))], method: "the first number of a draw")
  }
}
