import ExptComponents
import ExptData

/// Which rows of a table begin the examples of each part.
///
/// Rows in no order are divided as `HeldOut` says. Windows follow one another in time, the test examples
/// last; those that would reach into these are in neither part, as `DataSplits` does with validation
/// examples.
struct TableParts {
  /// Validation examples at its end, as `SplitSettings` takes them.
  private(set) var train: [Int] = []
  private(set) var test: [Int] = []
  /// Windows that would reach into the test rows.
  private(set) var straddling = 0

  /// - Parameters:
  ///   - rows: Rows of the file.
  ///   - others: Rows of a test file; nil without one.
  /// - Throws: `malformed`, at the setting, where a part comes to none.
  init(_ dataset: CSVDataset, rows: Int, others: Int?) throws(DataProblem) {
    let window = dataset.window ?? 1
    if dataset.isOrdered {
      try divide(dataset, Self.windows(of: rows, window, dataset.stride), window)
      if let others { test = Self.windows(of: others, window, dataset.stride) }
    } else {
      let held = dataset.heldOut
      let order =
        held.mix ? MixedOrder.numbers(rows, seed: held.mixSeed) : Array(0..<rows)
      let count = others == nil ? try held.counts(of: rows).test : 0
      train = Array(order.dropFirst(count))
      test = others.map { Array(0..<$0) } ?? Array(order.prefix(count))
    }
  }

  var counts: ImageCounts { ImageCounts(train: train.count, test: test.count) }

  private static func windows(of rows: Int, _ window: Int, _ step: Int) -> [Int] {
    rows < window ? [] : Array(stride(from: 0, through: rows - window, by: max(1, step)))
  }

  private mutating func divide(
    _ dataset: CSVDataset, _ windows: [Int], _ window: Int
  ) throws(DataProblem) {
    guard !windows.isEmpty else {
      throw DataProblem(
        .malformed, "'window: \(window)' is longer than the table: write fewer rows",
        setting: "window")
    }
    // As many begin before the test rows and end in them.
    let overlap = (window + dataset.stride - 1) / dataset.stride - 1
    let held = try dataset.heldOut.counts(of: windows.count).test
    test = Array(windows.suffix(held))
    var rest = Array(windows.dropLast(held))
    if held > 0 {
      straddling = min(overlap, rest.count)
      rest = rest.dropLast(overlap)
    }
    train = rest
    guard train.count > 0 else {
      throw DataProblem(
        .malformed,
        "no window of \(window) rows is left to train on: \(windows.count) are in the table, and those that "
          + "reach into the test rows are left out", setting: "window")
    }
  }
}
