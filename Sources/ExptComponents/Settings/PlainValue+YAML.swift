import ExptDocument

extension YAMLWriter.Value {
  public init(_ plain: PlainValue) {
    switch plain {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(Int(value))
    case .unsigned(let value): self = .unsigned(value)
    case .float(let value): self = .float(value)
    case .double(let value): self = .double(value)
    case .string(let value): self = .text(value)
    case .list(let values): self = .list(values.map { Self($0) })
    case .mapping(let entries): self = .mapping(entries.map { YAMLWriter.Entry($0) })
    }
  }
}

extension YAMLWriter.Entry {
  /// The entry with its remark as the comment.
  public init(_ plain: PlainEntry) {
    self.init(plain.key, YAMLWriter.Value(plain.value), comment: plain.remark)
  }
}

extension PlainValue {
  /// What a node says.
  public init(_ node: Node) {
    switch node.value {
    case .sequence(let elements): self = .list(elements.map { PlainValue($0) })
    case .mapping(let entries):
      self = .mapping(entries.map { PlainEntry($0.key, PlainValue($0.value)) })
    case .scalar(let scalar): self = PlainValue(scalar)
    }
  }

  init(_ scalar: Scalar) {
    if scalar.isNull {
      self = .null
    } else if let bool = scalar.bool {
      self = .bool(bool)
    } else if let int = scalar.int {
      self = .int(Int64(int))
    } else if let double = scalar.double {
      self = .double(double)
    } else {
      self = .string(scalar.text)
    }
  }
}
