extension YAMLWriter.Value {
  /// A node as a value to write, each entry commented as `comment` says.
  ///
  /// Numbers are written in their shortest form: `0x10` becomes 16.
  public init(_ node: Node, comment: (Node) -> String? = { _ in nil }) {
    switch node.value {
    case .sequence(let elements):
      self = .list(elements.map { Self($0, comment: comment) })
    case .mapping(let entries):
      self = .mapping(
        entries.map { entry in
          YAMLWriter.Entry(
            entry.key, Self(entry.value, comment: comment), comment: comment(entry.value))
        })
    case .scalar(let scalar): self = Self(scalar)
    }
  }

  public init(_ scalar: Scalar) {
    if scalar.isNull {
      self = .null
    } else if let bool = scalar.bool {
      self = .bool(bool)
    } else if let int = scalar.int {
      self = .int(int)
    } else if let unsigned = scalar.unsigned {
      self = .unsigned(unsigned)
    } else if let double = scalar.double {
      self = .double(double)
    } else {
      self = .text(scalar.text)
    }
  }
}
