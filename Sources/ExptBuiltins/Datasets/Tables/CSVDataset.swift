public import ExptComponents
import ExptFiles
public import ExptTensor

/// A table in a text file: a row an example, `[1, 1, columns]`.
///
///     dataset: { type: csv, path: penguins.csv, labels: species, ignore: [id], test: 0.2 }
///
/// What columns hold is found from the training rows and said: numbers (`numeric`, brought to mean 0 and
/// variance 1), two values (`binary`), few texts (`categorical`) or whole numbers from 0 or 1 on (`count`);
/// see `FoundColumn`. Columns that are the same in every training row, or number the rows, are left out,
/// and said. Empty cells are missing: no value stands for them, and a model that leaves them out is neither
/// shown them nor asked for them. Levels of categories are those of the training rows; a cell with another
/// is missing, which is said.
///
/// With `window`, an example is as many rows in the order of the file, `[columns, 1, window]`: its time,
/// which `time` checks; with either, rows are not mixed, whatever `mix` says. The last windows are the test
/// and validation examples, windows that would reach into two parts are left out, and a window has the
/// label of its last row.
///
/// Separator and header are found; see `DelimitedText`. Paths are relative to the folder that expt is
/// started in.
public struct CSVDataset: TableDataset {
  public enum Separator: String, NamedChoice { case auto, comma, semicolon, tab, bar }
  public enum Decimal: String, NamedChoice { case point, comma }

  public static let id = "csv"
  public static let summary = "Rows, or windows of rows, of a table with named columns (CSV, TSV)."
  public static let exampleSettings = "{ path: absent }"

  @Setting("The file; one whose name ends in .gz is unpacked.") public var path: WrittenPath
  @Setting("A file of test rows with the same columns; null: 'test' takes them from 'path'.")
  public var testPath: WrittenPath? = nil
  @Setting("What separates cells: auto finds it.") public var separator: Separator = .auto
  @Setting(
    "Whether the first row names the columns; null: if none of its cells is empty or a number.")
  public var header: Bool? = nil
  @Setting("What separates whole and other digits.") public var decimal: Decimal = .point
  @Setting("Texts of cells that are missing, in capitals or not; empty cells always are.")
  public var missing: [String] = ["NA", "N/A", "#N/A", "NaN", "null", "?"]
  @Setting("The column of the labels; its texts are classes, sorted.")
  public var labels: String? = nil
  @Setting("Columns of numbers beside the examples, for conditions and scores.")
  public var factors: [String] = []
  @Setting("Columns to leave out.") public var ignore: [String] = []
  @Setting("Columns that are numeric, whatever they look like.") public var numeric: [String] = []
  @Setting("Columns that are binary.") public var binary: [String] = []
  @Setting("Columns that are categorical.") public var categorical: [String] = []
  @Setting("Columns that are counts.") public var count: [String] = []
  @Setting("Scale numeric columns to mean 0 and variance 1 over the training rows.")
  public var standardize: Bool = true
  @Setting("The column by which rows ascend in time: numbers, or dates such as 2026-01-31 12:00.")
  public var time: String? = nil
  @Setting("Rows of an example; null: one, in no order.", .within(1...65536))
  public var window: Int? = nil
  @Setting("Rows from the start of a window to that of the next.", .within(1...1_000_000))
  public var stride: Int = 1
  @Group public var heldOut = HeldOut()
  @Group public var split = SplitSettings()

  public init() {}

  /// Whether rows are in the order of time, and parts come one after another.
  var isOrdered: Bool { time != nil || window != nil }

  public func check(_ report: SettingsReport) {
    checkFiles(report, .test, images: ("test_path", testPath != nil), heldOut: heldOut)
    let lists = [
      ("ignore", ignore), ("factors", factors), ("numeric", numeric), ("binary", binary),
      ("categorical", categorical), ("count", count), ("labels", labels.map { [$0] } ?? []),
      ("time", time.map { [$0] } ?? []),
    ]
    var homes: [String: String] = [:]
    for (list, names) in lists {
      for name in names {
        if let other = homes[name] {
          report.error(
            "column '\(name)' is named \(other == list ? "twice" : "under '\(other)' too")",
            at: list,
            help: "name it once")
        }
        homes[name] = list
      }
    }
    if stride > 1, window == nil {
      report.error("'stride' is for windows", at: "stride", help: "write 'window' too")
    }
    if split.binarization != .none {
      report.error(
        "columns of a table are no pixels to be made black and white", at: "binarization",
        help: "leave it out, or name columns under 'binary'")
    }
  }

  public func imageShape(_ environment: DataEnvironment) throws(DataProblem) -> Shape {
    try facts(environment).table.shape
  }

  public func counts(_ environment: DataEnvironment) throws(DataProblem) -> ImageCounts? {
    try facts(environment).counts
  }

  public func table(_ environment: DataEnvironment) throws(DataProblem) -> TableColumns? {
    try facts(environment).table
  }

  public func annotationFacts(
    _ environment: DataEnvironment
  ) throws(DataProblem) -> AnnotationFacts {
    let table = try facts(environment).table
    return AnnotationFacts(classes: labels == nil ? nil : table.classes.count, factors: factors)
  }

  private struct Facts: Sendable {
    var table: TableColumns
    var counts: ImageCounts
  }

  private func facts(_ environment: DataEnvironment) throws(DataProblem) -> Facts {
    let key = "csv \(environment.workingFolder) \(plain) \(environment.table.hashValue)"
    return try environment.memory.recalled(key) {
      () throws(DataProblem) in
      let reading = try TableReading(self, environment)
      return Facts(table: reading.table, counts: reading.parts.counts)
    }
  }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    try TableReading(self, environment).data(environment.wanted)
  }

  public func cells(
    of images: ImageSet, _ environment: DataEnvironment
  ) throws(DataProblem) -> TableCells {
    var path = try DataFolder.resolve(path, environment)
    if let testPath {
      let other = try DataFolder.resolve(testPath, environment)
      if other == images.source { path = other }
    }
    let file = try TableFile(path, self)
    let used = Set(images.table?.columns.map(\.name) ?? [])
    return TableCells(names: file.names, others: file.names.filter { !used.contains($0) }) {
      row, column in
      row >= 0 && row < file.count ? file.text(row, column) : ""
    }
  }
}
