import ExptComponents
import ExptDocument

/// The top level of a sweep file.
struct SweepSettings: Settings {
  enum Direction: String, NamedChoice { case minimize, maximize }

  @Setting("The sweep's name; null: the file's name.") var name: String? = nil
  @Setting("The experiment to vary: a file, relative to this one, or the experiment itself.")
  var experiment: BaseExperiment
  @Group var space = SpaceSettings()
  @Setting("Seeds for each point: how many, or a list of them.", .within(1...100_000))
  var seeds = Seeds(values: [])
  @Section("When to stop starting runs.") var limits = LimitSettings()
  @Setting("The column of metrics.csv that decides which run is better.") var metric: String? = nil
  @Setting("Whether lower or higher is better; null: as usual for this metric.")
  var goal: Direction? = nil
  @OptionalSlot("Chooses the points, or how far to train each.", .search)
  var search: (any Search)? = nil
  @Section("What each run requests from Slurm.") var slurm = SlurmSettings()
}

/// When a sweep stops starting runs.
struct LimitSettings: Settings {
  @Setting("Number of runs; null: all.", .atLeast(1)) var maxRuns: Int? = nil
  @Setting("Wall-clock hours, over all starts of the sweep.", .above(0)) var maxHours: Double? = nil
}

/// The parts of a space of points, as they were written: `Space` knows what they mean together.
struct SpaceSettings: Settings {
  @Setting("Every combination of the values.") var grid = WrittenValue()
  @Setting("The first values together, then the second ones, and so on.") var zip = WrittenValue()
  @Setting("Points drawn at random.") var random = WrittenValue()
  @Setting("Spaces, one after the other.") var chain = WrittenValue()
  @Setting("Spaces for the points that satisfy their 'if'.") var when = WrittenValue()
}

/// A space for those points that satisfy a condition.
struct ConditionSettings: Settings {
  @Setting("The settings to test, and the values they must have.") var `if`: WrittenValue
  @Group var space = SpaceSettings()
}

/// Points drawn at random.
struct RandomSettings: Settings {
  @Setting("Number of points.", .within(1...100_000)) var count: Int
  @Setting("Seed of the draws.") var seed: UInt64 = 0
  @Entries("The settings to draw, and from which distributions.", each: "{ uniform: [0, 4] }")
  var settings: [Entry<DistributionSettings>]
}

/// The experiment that a sweep varies: the path of its file, or the experiment itself.
struct BaseExperiment: SettingValue {
  var node: Node

  static var expectation: String { "the path of an experiment file, or an experiment" }
  static func read(_ node: Node) -> BaseExperiment? {
    let isPath = node.scalar.map { !$0.isNull && !$0.text.isEmpty } ?? false
    return isPath || node.entries != nil ? BaseExperiment(node: node) : nil
  }
  var plain: PlainValue { PlainValue(node) }
  static func schema(limits: Limits) -> PlainValue { WrittenValue.schema(limits: limits) }
}

/// `seeds: 3`, which is 1 to 3, or `seeds: [7, 8]`.
struct Seeds: SettingValue {
  var values: [UInt64]
  /// Where only their number was written, that.
  var count: Int?

  static var expectation: String { "a whole number, or a list of them" }
  static func read(_ node: Node) -> Seeds? {
    guard let count = Int.read(node) else {
      return [UInt64].read(node).map { Seeds(values: $0) }
    }
    // A number outside of the limits is refused before anybody asks for its seeds.
    let isInLimits = (1...100_000).contains(count)
    return Seeds(values: isInLimits ? Array(1...UInt64(count)) : [], count: count)
  }
  static func mistake(in node: Node) -> ValueMistake {
    if node.elements != nil { return [UInt64].mistake(in: node) }
    var mistake = Int.mistake(in: node)
    if mistake.expectation == Int.expectation { mistake.expectation = expectation }
    return mistake
  }
  var plain: PlainValue { count.map { .int(Int64($0)) } ?? values.plain }
  var numbers: [Double] { count.map { [Double($0)] } ?? [] }
  static func schema(limits: Limits) -> PlainValue {
    .mapping([
      PlainEntry(
        "anyOf", .list([Int.schema(limits: limits), [UInt64].schema(limits: .none)]))
    ])
  }
}
