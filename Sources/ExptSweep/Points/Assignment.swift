public import ExptDocument

/// A setting with the value that a point gives it.
public struct Assignment: Sendable {
  public var key: String
  public var keySpan: SourceSpan?
  public var value: Node

  /// The value on one line, as YAML.
  public var text: String { Self.text(of: value) }

  /// Numbers in their shortest form, so that `1`, `1.0` and `0x1` are one value.
  static func text(of node: Node) -> String {
    switch node.value {
    case .scalar(let scalar):
      if let int = scalar.int { return String(int) }
      if let double = scalar.double, double.isFinite {
        if let int = Int(exactly: double), abs(int) < 1 << 53 { return String(int) }
        return double.description
      }
      return scalar.text
    case .sequence(let elements): return "[\(elements.map(text).joined(separator: ", "))]"
    case .mapping(let entries):
      return "{\(entries.map { "\($0.key): \(text(of: $0.value))" }.joined(separator: ", "))}"
    }
  }

  func override() throws(Diagnostics) -> Override {
    try Override(key: key, at: keySpan, value: value)
  }
}

extension [Assignment] {
  /// With a setting's value put in, in place of one it may have.
  func setting(_ axis: Space.Axis, to value: Node) -> [Assignment] {
    setting([Assignment(key: axis.key, keySpan: axis.keySpan, value: value)])
  }

  func setting(_ new: [Assignment]) -> [Assignment] {
    let keys = new.map(\.key)
    return filter { !keys.contains($0.key) } + new
  }
}
