public import ExptComponents

extension CSVDataset {
  /// The columns of a table whose texts are nearly all different, such as names of the rows: nothing to learn from,
  /// and refused until `ignore` or `categorical` names them.
  ///
  /// - Parameter path: Of the file, as it is.
  public static func columnsOfNames(_ path: String) throws(DataProblem) -> [String] {
    let file = try TableFile(path, CSVDataset())
    let rows = Array(0..<file.count)
    return file.names.indices.filter { FoundColumn(file, $0, rows: rows).areNames }
      .map { file.names[$0] }
  }
}
