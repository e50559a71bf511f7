import ExptBuiltins
import ExptComponents

extension FoundData {
  /// A table in a text file, whose reader finds delimiter, header and kinds of columns.
  ///
  /// - Throws: `DataProblem` where it cannot be read.
  static func table(_ path: String) throws(DataProblem) -> FoundData {
    let names = try CSVDataset.columnsOfNames(path)
    let ignored =
      names.isEmpty
      ? []
      : [
        StartingLine(
          "ignore", texts: names,
          because: "texts that are nearly all different, such as names of the rows")
      ]
    return FoundData(
      title: "a table",
      lines: [
        StartingLine("type", "csv"),
        StartingLine(
          "path", path: path,
          because: "the kinds of its columns are found out, and said when the run begins; "
            + "'labels: COLUMN' and 'ignore: [COLUMN]' say which are not to be learned"),
      ] + ignored, hasColumns: true)
  }
}
