/// A place in a source text: line and column, both counted from 1.
///
/// Columns count Unicode scalars, whatever their width on a screen; a tab is one column.
public struct SourceLocation: Sendable, Hashable, Comparable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// A stretch of a source text, with the line needed to show it.
public struct SourceSpan: Sendable, Hashable {
  /// The path as the user wrote it, or the option (`--set`, `--seed`) the text came from.
  public var file: String
  public var start: SourceLocation
  /// The place just after the last scalar.
  public var end: SourceLocation
  /// The text of `start.line`, or the part around `start` when the line is very long.
  public var sourceLine: String
  /// The column of the first scalar in `sourceLine`; 1 unless the line is very long.
  public var sourceLineColumn: Int

  public init(
    file: String, start: SourceLocation, end: SourceLocation, sourceLine: String,
    sourceLineColumn: Int = 1
  ) {
    self.file = file
    self.start = start
    self.end = end
    self.sourceLine = sourceLine
    self.sourceLineColumn = sourceLineColumn
  }
}

extension SourceSpan: CustomStringConvertible {
  /// `file:line:column`, as compilers write it.
  public var description: String { "\(file):\(start.line):\(start.column)" }

  /// The span of a whole command-line argument, such as the `3` of `--seed 3`.
  public init(argument: String, of option: String) {
    self.init(
      file: option, start: SourceLocation(line: 1, column: 1),
      end: SourceLocation(line: 1, column: argument.unicodeScalars.count + 1),
      sourceLine: argument)
  }
}
