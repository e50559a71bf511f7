import ExptDocument

/// What a setting is drawn from, as a file says it: `{ log_uniform: [1e-4, 1e-2] }`.
public struct DistributionSettings: Settings {
  @Setting("Any number from the first to the second, uniformly.") public var uniform: [Double]? =
    nil
  @Setting("Any number from the first to the second, log-uniformly.")
  public var logUniform: [Double]? = nil
  @Setting("A whole number from the first to the second.") public var integer: [Int]? = nil
  @Setting("A whole number from the first, at least 1, to the second, log-uniformly.")
  public var logInteger: [Int]? = nil
  @Setting("One of these values.") public var choice: [WrittenValue]? = nil

  public init() {}

  /// The one that was written.
  public var distribution: ValueDistribution? {
    func ends<Number>(
      _ numbers: [Number]?, _ make: (Number, Number) -> ValueDistribution
    ) -> ValueDistribution? {
      numbers.flatMap { $0.count == 2 ? make($0[0], $0[1]) : nil }
    }
    return ends(uniform, ValueDistribution.uniform) ?? ends(
      logUniform, ValueDistribution.logUniform)
      ?? ends(integer, ValueDistribution.integer) ?? ends(logInteger, ValueDistribution.logInteger)
      ?? choice.map { .choice($0.map(\.node)) }
  }

  public func check(_ report: SettingsReport) {
    let given = plainEntries.filter { $0.value != .null }.map(\.key)
    if given.count != 1 {
      report.report(
        .error, "exactly one distribution is needed here, not \(given.count)", at: [],
        help: "write one of \(keys.joined(separator: ", "))")
    }
    checkEnds("uniform", uniform, report)
    checkEnds("log_uniform", logUniform, above: 0, report)
    checkEnds("integer", integer, report)
    checkEnds("log_integer", logInteger, above: 0, report)
    if choice?.isEmpty == true {
      report.error("'choice' needs at least one value", at: "choice", help: "write choice: [a, b]")
    }
  }

  private func checkEnds<Number: Comparable>(
    _ name: String, _ numbers: [Number]?, above least: Number? = nil, _ report: SettingsReport
  ) {
    guard let numbers else { return }
    if numbers.count != 2 {
      report.error(
        "'\(name)' takes two numbers, not \(numbers.count)", at: name,
        help: "write \(name): [LOW, HIGH]")
    } else if numbers[0] >= numbers[1] || least.map({ numbers[0] <= $0 }) ?? false {
      report.error(
        "'\(name)' must go from a lower number to a higher one"
          + (least == nil ? "" : ", both above 0"),
        at: name)
    }
  }
}

/// What every search has that chooses the points itself.
public struct TrialSettings: Settings {
  @Setting("Number of points to try.", .within(1...100_000)) public var trials: Int
  @Setting("Seed of its draws.") public var seed: UInt64 = 0
  @Entries("The settings to choose, and from which distributions.", each: "{ uniform: [0, 4] }")
  public var settings: [Entry<DistributionSettings>]

  public init() {}

  public var draws: Draws { Draws(count: trials, seed: seed, settings: settings.drawn) }
}

extension [Entry<DistributionSettings>] {
  /// Each setting with its distribution and the place where that stands.
  public var drawn: [Draws.Setting] {
    compactMap { entry in
      entry.value.distribution.map {
        Draws.Setting(
          key: entry.key, keySpan: entry.keySpan, distribution: $0,
          span: entry.node.entries?.first?.value.span)
      }
    }
  }
}
