public import ExptComponents
import ExptDocument
public import ExptFiles

extension Assignment {
  /// The value for a cell of CSV, which has quotes of its own.
  var cell: String {
    if let scalar = value.scalar, scalar.kind == .text { return scalar.text }
    return text
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

  /// By key.
  public var json: JSONObject {
    reduce(into: JSONObject()) { $0[$1.key] = JSONValue($1.value) }
  }

  /// For the ledger: pairs of a key and the value as YAML that reads back as the same.
  var ledgerValue: JSONValue {
    .array(map { .array([.string($0.key), .string($0.value.flowText)]) })
  }

  /// The settings that a line of the ledger holds, each of those that may be varied.
  ///
  /// - Parameter spans: Where each setting stands in the sweep file.
  init(_ ledgerValue: JSONValue?, spans: [String: SourceSpan?]) {
    self = (ledgerValue?.array ?? []).compactMap { pair in
      guard let key = pair.array?.first?.string, let text = pair.array?.last?.string,
        let span = spans[key], let value = try? Override(parsing: "value=\(text)").value
      else { return nil }
      return Assignment(key: key, keySpan: span, value: value)
    }
  }
}

extension JSONValue {
  /// A setting's value as JSON has it.
  init(_ node: Node) {
    switch node.value {
    case .sequence(let elements): self = .array(elements.map { JSONValue($0) })
    case .mapping(let entries):
      self = .object(
        entries.reduce(into: JSONObject()) { $0[$1.key] = JSONValue($1.value) })
    case .scalar(let scalar):
      if scalar.isNull {
        self = .null
      } else if let bool = scalar.bool {
        self = .bool(bool)
      } else if let int = scalar.int {
        self = JSONValue(int)
      } else if let unsigned = scalar.unsigned {
        self = JSONValue(unsigned)
      } else if let double = scalar.double {
        self = JSONValue(double)
      } else {
        self = .string(scalar.text)
      }
    }
  }
}
