/// A condition on runs: `model.beta > 1 and status == finished`.
///
/// Names are settings, metrics (`validation_loss`, `best.validation_loss`) and what `RunFields`
/// lists. Comparisons are `== != < <= > >=`, `in [a, b]`, `~` or `contains` (a part of a text, or
/// an element of a list); they may be chained (`1 < model.beta <= 4`) and joined with `and`, `or`,
/// `not` and parentheses. A setting may be called by its last part where only one ends so: `beta`
/// for `model.beta`. Text needs quotes only where it is more than a word; a text is compared with a
/// number as that is written, so that `name == 007` finds the run of this name. Numbers may have a
/// unit of time: `age < 2h`.
///
/// Whole numbers are compared to the last digit. What a run does not have is null: equal to `null`
/// only, and neither below nor above anything.
public struct Query: Sendable {
  public let text: String
  let condition: Condition

  /// - Throws: The first mistake in the text.
  public init(_ text: String) throws(QueryProblem) {
    self.text = text
    condition = try QueryParser.parse(text)
  }

  indirect enum Condition: Sendable {
    case all([Condition])
    case any([Condition])
    case not(Condition)
    case comparison(Operand, Comparison, Operand)
    case membership(Operand, [Operand])
    case truth(Operand)
  }

  enum Comparison: String, Sendable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contains = "~"

    /// Whether it asks for an order, which text without quotes has none of.
    var isOrder: Bool { ![.equal, .unequal, .contains].contains(self) }
  }

  struct Operand: Sendable {
    enum Kind: Sendable {
      case value(RunValue)
      case name(String)
    }
    var kind: Kind
    /// As it stands in the condition, without quotes.
    var written: String
    var range: Range<Int>
  }
}

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
