extension Override {
  /// Sets the value in an experiment.
  ///
  /// Missing mappings are made. The value replaces what was there, also where both are mappings:
  /// `model.encoder={type: conv}` starts from nothing, `model.encoder.type=conv` keeps the other
  /// settings. Below a component written as a bare name (`optimizer: adam`), the name becomes
  /// `{type: adam}` first.
  ///
  /// - Throws: A diagnostic at the part of the path that leads nowhere.
  public func apply(to root: inout Node) throws(Diagnostic) {
    root = try setting(0, in: root)
  }

  /// `node` with the value set below it, `depth` parts into the path.
  private func setting(_ depth: Int, in node: Node?) throws(Diagnostic) -> Node {
    guard depth < path.parts.count else { return value }
    switch node?.value {
    case .sequence(let elements):
      guard let node else { break }
      return try settingElement(depth, of: node, elements)
    case .scalar(let scalar) where !scalar.isNull:
      guard let node else { break }
      guard let component = node.asComponent else {
        throw nowhere(depth, "\(shown(depth)) is \(node.summary) and has no settings")
      }
      return try settingKey(depth, in: component)
    case .mapping:
      guard let node else { break }
      return try settingKey(depth, in: node)
    case .scalar, nil: break
    }
    return try settingKey(depth, in: Node(.mapping([]), origin: origin, span: pathSpans[depth]))
  }

  private func settingKey(_ depth: Int, in node: Node) throws(Diagnostic) -> Node {
    guard case .key(let key) = path.parts[depth] else {
      throw nowhere(depth, "\(shown(depth)) is not a list")
    }
    var node = node
    let old = node[key]
    if old == nil, Int(key) != nil {
      throw nowhere(depth, "\(shown(depth)) is not a list", help: "set the whole list: list=[1, 2]")
    }
    let new = try setting(depth + 1, in: old)
    if old == nil, let entries = node.entries {
      node.value = .mapping(
        entries + [Node.Entry(key: key, keySpan: pathSpans[depth], value: new)])
    } else {
      node[key] = new
    }
    return node
  }

  private func settingElement(
    _ depth: Int, of node: Node, _ elements: [Node]
  ) throws(Diagnostic) -> Node {
    let index: Int?
    switch path.parts[depth] {
    case .index(let number): index = number
    case .key(let key): index = Int(key)
    }
    guard let index else {
      throw nowhere(
        depth, "\(shown(depth)) is a list and has no settings",
        help: "name an element, from 0, as in '\(NodePath(Array(path.parts.prefix(depth))))[0]'")
    }
    guard elements.indices.contains(index) else {
      throw nowhere(
        depth, "\(shown(depth)) has no element \(index)",
        help: elements.isEmpty ? "it is empty" : "they are 0 to \(elements.count - 1)")
    }
    var elements = elements
    elements[index] = try setting(depth + 1, in: elements[index])
    var node = node
    node.value = .sequence(elements)
    return node
  }

  /// What the first `depth` parts of the path lead to, for a message.
  private func shown(_ depth: Int) -> String {
    depth == 0
      ? "the experiment" : Diagnostic.quote("\(NodePath(Array(path.parts.prefix(depth))))")
  }

  private func nowhere(_ depth: Int, _ message: String, help: String? = nil) -> Diagnostic {
    .error(.override, message, at: pathSpans[depth], help: help)
  }
}
