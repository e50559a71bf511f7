/// A mistake in a filter or a name of a setting, with its place.
public struct QueryProblem: Error, Sendable, Hashable {
  public var message: String
  public var help: String?
  public var text: String
  /// The part of `text` that is wrong, in characters.
  public var range: Range<Int>

  /// The message, the text, and a caret below the mistake.
  ///
  ///     no run has a setting or metric 'model.bta'
  ///       model.bta > 1
  ///       ^~~~~~~~~ did you mean 'model.beta'?
  public var rendered: String {
    let line = text.map { $0.isNewline || $0 == "\t" ? " " : $0 }
    let mark =
      String(repeating: " ", count: range.lowerBound) + "^"
      + String(repeating: "~", count: max(0, range.count - 1))
    return "\(message)\n  \(String(line))\n  \(mark)" + (help.map { " \($0)" } ?? "")
  }
}
