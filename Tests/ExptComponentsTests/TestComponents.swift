import ExptComponents
import ExptDocument

/// A component with a setting of every kind, for reading; it does nothing.
struct Gadget: Output {
  enum Mode: String, NamedChoice { case none, threshold, stochastic }

  static let id = "gadget"
  static let summary = "Has a setting of every kind."

  @Setting("How many.", .within(1...100)) var count: Int = 3
  @Setting("A seed.") var seed: UInt64 = 7
  @Setting("A rate.", .above(0)) var learningRate: Float = 1e-3
  @Setting("A share.", .above(0, upTo: 1)) var share: Double = 0.5
  @Setting("Whether.") var isOn: Bool = false
  @Setting("A text.") var label: String = "plain"
  @Setting("Sizes.", .atLeast(1)) var hidden: [Int] = [400, 200]
  @Setting("Maybe a number.", .above(0)) var clip: Float? = nil
  @Setting("Which way.") var mode: Mode = .none
  @Setting("Several ways.") var modes: [Mode] = []
  @Section("More settings.") var more = More()
  @Group var shared = Shared()
  @Slot("A schedule.", .schedule, default: "fixed") var beta: any Schedule
  @OptionalSlot("Maybe a schedule.", .schedule) var spare: (any Schedule)? = nil
  @Slots("Schedules.", .schedule) var schedules: [any Schedule] = []

  init() {}
  func epochEnded(_ occasion: OutputOccasion) {}

  func check(_ report: SettingsReport) {
    if count == 13 { report.error("13 is unlucky", at: "count", help: "write 12") }
    if label == count.description { report.warning("the label is the count", at: "label") }
  }
}

/// A section, with a section and a slot of its own.
struct More: Settings {
  @Setting("How deep.", .within(0...5)) var depth: Int = 1
  @Section("Deeper settings.") var inner = Inner()
  init() {}
}

struct Inner: Settings {
  @Slot("A schedule.", .schedule, default: "fixed") var slope: any Schedule
  init() {}
}

/// Settings that stand among their owner's.
struct Shared: Settings {
  @Setting("Width.", .atLeast(1)) var width: Int = 8
  @Setting("Height.", .atLeast(1)) var height: Int = 8
  init() {}
  func check(_ report: SettingsReport) {
    if width > height {
      report.error("'width' \(width) is above 'height' \(height)", at: "width")
    }
  }
}

/// A schedule that a bare number means, under the id that the role's shorthand names.
struct FixedBeta: Schedule {
  static let id = "constant"
  static let summary = "Stays."
  @Setting("β.", .within(0...10)) var value: Double = 1
  init() {}
  func value(_ progress: Progress) -> Double { value }
}

struct Fixed: Schedule {
  static let id = "fixed"
  static let summary = "Stays at 2."
  init() {}
  func value(_ progress: Progress) -> Double { 2 }
}

struct Rising: Schedule {
  static let id = "rising"
  static let summary = "Rises to `to`, which must be given."
  @Setting("β at the end.", .atLeast(0)) var to: Double
  init() {}
  func value(_ progress: Progress) -> Double { to * progress.fraction }
}

/// Another type with the id of `Fixed`.
struct OtherFixed: Schedule {
  static let id = "fixed"
  static let summary = ""
  init() {}
  func value(_ progress: Progress) -> Double { 0 }
}

/// `fixed` again, but in another role.
struct FixedRate: LearningRateSchedule {
  static let id = "fixed"
  static let summary = ""
  init() {}
  func factor(_ progress: Progress) -> Double { 1 }
}

/// A component of no role.
struct Stranger: Component {
  static let id = "stranger"
  static let summary = ""
  init() {}
}

let testCatalog: Catalog = {
  do { return try Catalog([Gadget.self, FixedBeta.self, Fixed.self, Rising.self]) } catch {
    preconditionFailure("\(error)")
  }
}()

/// What came of reading `gadget:` of an experiment text.
struct Reading {
  var gadget: Gadget?
  var diagnostics: Diagnostics
  /// The diagnostics as they are shown.
  var messages: String { diagnostics.rendered }
}

func reading(_ text: String, overrides: [String] = []) throws -> Reading {
  let document = try Document.parse(
    text, file: "test.yaml", overrides: try overrides.map { try Override(parsing: $0) })
  let reader = SettingsReader(catalog: testCatalog)
  let node = document.root["gadget"] ?? document.root
  let output = reader.component(.output, from: node, path: NodePath().appending("gadget"))
  return Reading(gadget: output as? Gadget, diagnostics: reader.diagnostics)
}
