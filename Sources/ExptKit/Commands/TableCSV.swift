import ExptComponents
import ExptFiles
import ExptTensor
import ExptTraining

/// What commands found out about the rows of a table, as a CSV file beside the user's own cells.
struct TableCSV {
  let part: TrainedData.Part
  let table: TableColumns
  /// The user's columns that are no values of the examples: labels, names, times.
  let others: [String]
  private let cells: TableCells

  /// Nil for data that are no table with named columns.
  ///
  /// - Parameter dataset: The one that `part` comes from; nil: the run's own.
  /// - Throws: `DataProblem` where the file is no longer there.
  init?(_ part: TrainedData.Part, of run: TrainedRun, _ dataset: (any Dataset)? = nil) throws {
    guard let table = part.images.table else { return nil }
    let own =
      run.manifest.dataset.substitutedFor == nil
      ? run.experiment.dataset : run.experiment.dataset.split.fallback
    guard let source = (dataset ?? own) as? any TableDataset else { return nil }
    self.part = part
    self.table = table
    cells = try run.cells(of: part.images, from: source, .ofProcess())
    others = cells.others
  }

  /// A name for a column of ours that is none of the user's.
  func own(_ name: String) -> String {
    others.contains(name) || table.columns.contains { $0.name == name } ? own(name + "_") : name
  }

  /// Where an example begins in the file, and the user's cells beside it: those of a window's last row.
  func lead(_ example: Int) -> [String] {
    let row = part.row(example)
    return ["\(row)"] + cells.row(row + table.window - 1, others)
  }

  var leadNames: [String] { [own("index")] + others }

  /// A cell of an example as it stands in the file.
  func cell(_ example: Int, _ value: Int) -> String {
    let (column, row) = table.place(of: value)
    return cells.row(part.row(example) + row, [table.columns[column].name]).first ?? ""
  }

  /// Whether a value of an example is observed.
  func isObserved(_ example: Int, _ value: Int) -> Bool {
    let place = (part.range.lowerBound + example) * table.shape.count + value
    return part.images.observed.map { place < $0.count && $0[place] != 0 } ?? true
  }

  /// Writes one line for each example, in the order of the file.
  func write(
    to path: String, _ header: [String], _ row: (_ example: Int) -> [String]
  ) throws(FileProblem) {
    let writer = try AtomicFileWriter(path)
    try writer.append(Array(CSV.line(leadNames + header).utf8))
    for example in part.orderOfFile {
      try writer.append(Array(CSV.line(lead(example) + row(example)).utf8))
    }
    try writer.commit()
  }

  /// The user's columns with what a model makes of them, in the user's units.
  func writeReconstructions(_ reconstructions: [Float], to path: String) throws(FileProblem) {
    let size = table.shape.count
    try write(to: path, table.valueNames) { example in
      table.cells(reconstructions[example * size..<(example + 1) * size])
    }
  }

  /// The user's cells as they stand in the file, those that are missing filled in, and which those are.
  func writeFilled(_ reconstructions: [Float], to path: String) throws(FileProblem) {
    let (size, names) = (table.shape.count, table.valueNames)
    try write(to: path, names + [own("imputed")]) { example in
      var (cells, imputed) = ([String](), [String]())
      for value in 0..<size {
        if isObserved(example, value) {
          cells.append(cell(example, value))
        } else {
          let column = table.columns[table.place(of: value).column]
          cells.append(column.cell(ofMean: reconstructions[example * size + value]))
          imputed.append(names[value])
        }
      }
      return cells + [imputed.joined(separator: ";")]
    }
  }
}

extension TableColumns {
  /// The names of the values of an example: `bill_length_mm`, of windows `bill_length_mm_0`, ….
  var valueNames: [String] {
    columns.flatMap { column in
      window == 1 ? [column.name] : (0..<window).map { "\(column.name)_\($0)" }
    }
  }

  /// What a model made of an example, in the user's units.
  func cells(_ values: ArraySlice<Float>) -> [String] {
    zip(0..., values).map { place, value in
      columns[self.place(of: place).column].cell(ofMean: value)
    }
  }

  /// Writes examples that a model made up, one line for each, with the user's columns.
  func write(_ examples: [Float], to path: String) throws(FileProblem) {
    let writer = try AtomicFileWriter(path)
    try writer.append(Array(CSV.line(valueNames).utf8))
    for start in stride(from: 0, to: examples.count, by: max(1, shape.count)) {
      try writer.append(Array(CSV.line(cells(examples[start..<start + shape.count])).utf8))
    }
    try writer.commit()
  }
}
