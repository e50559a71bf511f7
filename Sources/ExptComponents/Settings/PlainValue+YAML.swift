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
