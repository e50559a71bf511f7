import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTesting
import Synchronization
import Testing

/// Components with one fault each: the conformance suite has to find it, and nothing else.
@Suite("The conformance suite finds")
struct ConformanceTests {
  private func problems(_ type: any Component.Type) throws -> [String] {
    Conformance.problems(of: type, in: try Catalog(Catalog.builtins + [type]))
  }

  @Test func `nothing wrong with a good component`() throws {
    #expect(try problems(GoodSchedule.self) == [])
  }

  @Test func `nothing wrong with a component that needs a setting and gives an example`() throws {
    #expect(try problems(Needy.self) == [])
  }

  @Test func `an example that is no mapping`() throws {
    let found = try problems(BadExample.self)
    #expect(found.count == 1)
    #expect(found[0].contains("the example settings must be a mapping"))
  }

  @Test func `a setting without effect`() throws {
    #expect(try problems(DeadSetting.self) == ["the setting 'slope' changes nothing"])
  }

  @Test func `a memory of what was asked before`() throws {
    #expect(
      try problems(Forgetful.self) == [
        "its factors depend on what was asked before"
      ])
  }

  @Test func `a bad name and a missing sentence`() throws {
    #expect(
      try problems(badName.self) == [
        "the id 'Bad-Name' is not in snake_case", "the summary is not a sentence",
        "the help of 'factor' is not a sentence",
      ])
  }

  @Test func `a decoder's output of the wrong shape`() throws {
    #expect(try problems(WrongShape.self) == ["'decoded' is 4×256, not 4×1×16×16"])
  }

  @Test func `a parameter that no gradient reaches`() throws {
    #expect(try problems(Unreached.self) == ["no gradient reaches idle"])
  }

  @Test func `a wrong gradient`() throws {
    let found = try problems(WrongGradient.self)
    #expect(found.count == 2, "\(found)")
    #expect(
      found.allSatisfy { $0.contains("the gradient is not that of finite differences") },
      "\(found)")
  }

  @Test func `an optimizer that climbs, and one that moves what has no gradient`() throws {
    let climbing = try problems(Climbing.self)
    #expect(
      climbing.count == 1 && climbing[0].hasPrefix("twelve steps downhill lead"), "\(climbing)")
    #expect(
      try problems(Drifting.self) == ["numbers that are 0 and have no gradient do not stay 0"])
  }

  @Test func `a corruption that draws the same noise for every batch`() throws {
    #expect(try problems(Fading.self) == ["it draws the same noise for every batch"])
  }

  @Test func `a type without a role`() {
    #expect(
      Conformance.problems(of: Roleless.self, in: builtins) == ["Roleless has no role"])
  }
}

private struct GoodSchedule: LearningRateSchedule {
  static let id = "good"
  static let summary = "Good."
  @Setting("The factor.", .above(0)) var factor: Double = 0.5
  init() {}
  func factor(_ progress: Progress) -> Double { factor }
}

private struct Needy: LearningRateSchedule {
  static let id = "needy"
  static let summary = "Cannot do without its setting."
  static let exampleSettings = "{ factor: 0.5 }"
  @Setting("The factor.", .above(0)) var factor: Double
  init() {}
  func factor(_ progress: Progress) -> Double { factor }
}

private struct BadExample: LearningRateSchedule {
  static let id = "bad_example"
  static let summary = "Has no mapping for an example."
  static let exampleSettings = "0.5"
  init() {}
  func factor(_ progress: Progress) -> Double { 1 }
}

private struct DeadSetting: LearningRateSchedule {
  static let id = "dead"
  static let summary = "Ignores its setting."
  @Setting("Ignored.", .above(0)) var slope: Double = 0.5
  init() {}
  func factor(_ progress: Progress) -> Double { 1 }
}

private struct Forgetful: LearningRateSchedule {
  static let id = "forgetful"
  static let summary = "Counts how often it is asked."
  private static let calls = Mutex(0)
  init() {}
  func factor(_ progress: Progress) -> Double {
    Self.calls.withLock {
      $0 += 1
      return 1 / Double($0)
    }
  }
}

private struct badName: LearningRateSchedule {
  static let id = "Bad-Name"
  static let summary = "No full stop"
  @Setting("Neither here", .above(0)) var factor: Double = 0.5
  init() {}
  func factor(_ progress: Progress) -> Double { factor }
}

private struct WrongShape: Model {
  static let id = "wrong_shape"
  static let summary = "Gives its decoder's output flat."
  @Group var parts = AutoencoderParts()
  init() {}
  func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    PointMass(try parts.head(parts.latent, of: batch, in: scope))
  }
  func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let code = try parts.head(parts.latent, of: batch, in: pass.scope)
    let decoded = try decode(code, given: batch, in: pass.scope)
    let loss = parts.negativeLogLikelihood(decoded, of: batch, in: pass.scope).mean()
    return LossTerms(total: loss, reconstruction: loss, decoded: decoded.flattened())
  }
}

private struct Unreached: Model {
  static let id = "unreached"
  static let summary = "Has a parameter that it multiplies by 0."
  @Group var parts = AutoencoderParts()
  init() {}
  func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    PointMass(try parts.head(parts.latent, of: batch, in: scope))
  }
  func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let code = try parts.head(parts.latent, of: batch, in: pass.scope)
    let decoded = try decode(code, given: batch, in: pass.scope)
    let loss = parts.negativeLogLikelihood(decoded, of: batch, in: pass.scope).mean()
    let idle = pass.scope.parameter("idle", .scalar, .constant(1)) * 0
    return LossTerms(total: loss + idle, reconstruction: loss, decoded: decoded)
  }
}

/// 2·x, whose gradient claims to be 3.
private struct WrongOperation: Operation {
  let name = "wrong"
  func forward(_ pass: ForwardPass) {
    for index in 0..<pass.output.count {
      pass.output.pointer[index] = 2 * pass.inputs[0].pointer[index]
    }
  }
  func backward(_ pass: BackwardPass) {
    guard let slot = pass.inputGradients[0] else { return }
    for index in 0..<slot.buffer.count {
      let value = 3 * pass.outputGradient.pointer[index]
      slot.pointer[index] = slot.accumulates ? slot.pointer[index] + value : value
    }
  }
}

private struct WrongGradient: Layer {
  static let id = "wrong_gradient"
  static let summary = "Has a wrong gradient."
  init() {}
  func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    .applying(WrongOperation(), to: [x], shape: x.shape)
  }
}

private struct Climbing: Optimizer {
  static let id = "climbing"
  static let summary = "Steps up the gradient."
  @Group var step = StepSettings()
  init() {}
  var slots: [String] { [] }
  func update(_ update: ParameterUpdate) {
    for index in update.values.indices {
      let pull = update.gradients[index] + Float(step.weightDecay) * update.values[index]
      update.values[index] += Float(update.learningRate) * pull
    }
  }
}

private struct Drifting: Optimizer {
  static let id = "drifting"
  static let summary = "Adds a little to every number."
  @Group var step = StepSettings()
  init() {}
  var slots: [String] { [] }
  func update(_ update: ParameterUpdate) {
    for index in update.values.indices {
      let pull = update.gradients[index] + Float(step.weightDecay) * update.values[index]
      update.values[index] -= Float(update.learningRate) * (pull - 1e-3)
    }
  }
}

private struct Fading: Corruption {
  static let id = "fading"
  static let summary = "Halves every pixel."
  init() {}
  func corrupt(_ images: Tensor, in scope: Scope) -> Tensor { images * 0.5 }
}

private struct Roleless: Component {
  static let id = "roleless"
  static let summary = "Nothing."
  init() {}
}
