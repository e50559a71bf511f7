public import ExptComponents
import ExptDocument

/// What an experiment is expected to come to: the block `expect` of its file, which `expt verify` holds it to
/// and a run passes over.
///
///     expect:
///       tier: quick
///       claim: The test loss of PyTorch's VAE example is reached
///       checks:
///         test_loss: { metric: validation_loss, epoch: 7, value: 106.66, tolerance: 0.6, source: … }
public struct Expectations: Settings {
  /// How long it takes: `quick` with every change, `standard` now and then, `full` as long as the papers took.
  public enum Tier: String, NamedChoice { case quick, standard, full }

  @Setting("How long it takes: quick, standard or full.") public var tier: Tier = .standard
  @Setting("What is reproduced, in a sentence without its stop.") public var claim: String = ""
  @Setting(
    "About how many minutes it takes on two processors, by a run or by its first epochs; null: not known.",
    .above(0))
  public var minutes: Double? = nil
  @Setting("Train with each of these seeds, and judge the mean; none: the file's own seed.")
  public var seeds: [UInt64] = []
  @Entries("What is measured, and what it should be.", each: "{ metric: train_loss, at_most: 100 }")
  public var checks: [Entry<CheckSettings>]

  public init() {}

  public func check(_ report: SettingsReport) {
    if Set(seeds).count < seeds.count {
      report.error("a seed is listed twice", at: "seeds", help: "name it once")
    }
  }
}

/// One number, and what it should be.
public struct CheckSettings: Settings {
  /// How the number that is expected is known.
  public enum Certainty: String, NamedChoice {
    /// Read in the source named.
    case read
    /// Follows from the model.
    case exact
    /// Measured by another program.
    case measured
    /// Remembered: shown, and never decides.
    case memory
  }

  @Setting("A column of metrics.csv, or evaluation.NAME as measured in training.")
  public var metric: String? = nil
  @Setting("Of which epoch, from 1; null: the last.", .atLeast(1)) public var epoch: Int? = nil
  @OptionalSlot("An evaluator to measure the trained model by, in place of a metric.", .evaluator)
  public var evaluator: (any Evaluator)? = nil
  @Setting("Which number of the evaluator; null: its first.") public var number: String? = nil
  @Setting("Which images the evaluator measures on.") public var split: Split = .test
  @Setting("Only the first N of them; null: all.", .atLeast(1)) public var limit: Int? = nil

  @Setting("What it should be.") public var value: Double? = nil
  @Setting("How far it may be off.", .atLeast(0)) public var tolerance: Double? = nil
  @Setting("The least it may be.") public var atLeast: Double? = nil
  @Setting("The most it may be.") public var atMost: Double? = nil
  @Setting(
    "A check that it must lie below: FILE, the check of this name of another file, FILE.CHECK, or .CHECK "
      + "of this file.")
  public var below: String? = nil
  @Setting("A check that it must lie above, likewise.") public var above: String? = nil

  @Setting("The unit, such as nats.") public var unit: String = ""
  @Setting("Where the number expected is from.") public var source: String = ""
  @Setting("How it is known: read, exact, measured, or memory, which decides nothing.")
  public var certainty: Certainty = .read

  public init() {}

  public func check(_ report: SettingsReport) {
    if (metric == nil) == (evaluator == nil) {
      report.error("a check has either a 'metric' or an 'evaluator'", at: "metric")
    }
    if evaluator == nil, number != nil || limit != nil || report.isGiven("split") {
      report.error("'number', 'split' and 'limit' are about an 'evaluator'", at: "number")
    }
    if evaluator != nil, epoch != nil {
      report.error(
        "'epoch' is about a 'metric': an evaluator measures the trained model", at: "epoch")
    }
    let targets = [
      value != nil, atLeast != nil, atMost != nil, below != nil, above != nil,
    ]
    if targets.count(where: { $0 }) != 1 {
      report.error(
        "a check has exactly one of 'value', 'at_least', 'at_most', 'below' and 'above'",
        at: "value")
    }
    if (value == nil) != (tolerance == nil) {
      report.error("'value' and 'tolerance' stand together", at: "tolerance")
    }
  }
}

extension Split: NamedChoice {}
