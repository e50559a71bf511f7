/// A value of an experiment: a scalar, a list or a mapping, with the place it came from.
public struct Node: Sendable {
  public enum Value: Sendable {
    case scalar(Scalar)
    case sequence([Node])
    /// Keys are unique; the order is the file's.
    case mapping([Entry])
  }

  /// One `key: value` of a mapping.
  public struct Entry: Sendable {
    public var key: String
    /// Where the key stands; nil for an entry that no text gave.
    public var keySpan: SourceSpan?
    public var value: Node

    public init(key: String, keySpan: SourceSpan? = nil, value: Node) {
      self.key = key
      self.keySpan = keySpan
      self.value = value
    }
  }

  public var value: Value
  public var origin: Origin
  /// The place to show in a message: of a value given by `--set`, the part of the argument.
  public var span: SourceSpan?

  /// - Parameter span: The default is the origin's.
  public init(_ value: Value, origin: Origin, span: SourceSpan? = nil) {
    self.value = value
    self.origin = origin
    self.span = span ?? origin.span
  }
}

extension Node {
  public var scalar: Scalar? {
    if case .scalar(let scalar) = value { scalar } else { nil }
  }

  /// The elements of a list.
  public var elements: [Node]? {
    if case .sequence(let elements) = value { elements } else { nil }
  }

  /// The entries of a mapping.
  public var entries: [Entry]? {
    if case .mapping(let entries) = value { entries } else { nil }
  }

  public var isNull: Bool { scalar?.isNull ?? false }

  /// The value of a mapping's key; nil for an absent key, and for a node that is not a mapping.
  ///
  /// Setting replaces the value in place or appends an entry; setting nil removes it. Setting a
  /// key of a node that is not a mapping has no effect.
  public subscript(key: String) -> Node? {
    get { entries?.first { $0.key == key }?.value }
    set {
      guard case .mapping(var entries) = value else { return }
      let index = entries.firstIndex { $0.key == key }
      switch (index, newValue) {
      case (let index?, let node?): entries[index].value = node
      case (let index?, nil): entries.remove(at: index)
      case (nil, let node?):
        entries.append(Entry(key: key, keySpan: node.span, value: node))
      case (nil, nil): return
      }
      value = .mapping(entries)
    }
  }

  /// The node for messages: `a mapping`, `a list of 2`, `the text 'abc'`, `the number 3`.
  public var summary: String {
    switch value {
    case .mapping: return "a mapping"
    case .sequence(let elements):
      return elements.isEmpty ? "an empty list" : "a list of \(elements.count)"
    case .scalar(let scalar):
      switch scalar.kind {
      case .null: return "null"
      case .text: return "the text \(scalar.summary)"
      case .integer, .number: return "the number \(scalar.text)"
      case .boolean: return scalar.text
      }
    }
  }
}
