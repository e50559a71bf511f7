extension FoundData {
  /// A table in a text file, whose reader finds delimiter, header and kinds of columns.
  static func table(_ path: String) -> FoundData {
    FoundData(
      title: "a table",
      lines: [
        StartingLine("type", "csv"),
        StartingLine(
          "path", path: path,
          because: "the kinds of its columns are found out, and said when the run begins; "
            + "'labels: COLUMN' and 'ignore: [COLUMN]' say which are not to be learned"),
      ], hasColumns: true)
  }
}
