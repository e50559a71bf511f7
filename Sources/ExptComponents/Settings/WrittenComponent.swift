import ExptDocument

/// A component as somebody wrote it, before its type is known: `vae`, `{ type: vae, beta: 4 }`, or
/// a number where the role has a shorthand. A slot with a default takes that one's settings alone:
/// `{ learning_rate: 1.0e-4 }`.
struct WrittenComponent {
  var name: String
  /// Where the name stands.
  var nameNode: Node
  /// Its settings, without `type`.
  var entries: [Node.Entry] = []
  /// Whether the one entry was written as a bare number.
  var isShorthand = false
  /// Whether nobody named it, so that it is the slot's default.
  var isImplied = false

  /// Takes a node apart, or reports why it is not a component and returns nil.
  init?<Value>(
    _ node: Node, role: Role<Value>, default defaultID: String?, path: NodePath,
    reader: SettingsReader
  ) {
    nameNode = node
    switch node.value {
    case .scalar(let scalar) where scalar.kind == .text:
      name = scalar.text
    case .scalar(let scalar):
      guard let shorthand = role.numberShorthand, scalar.double != nil else { fallthrough }
      name = shorthand.id
      entries = [Node.Entry(key: shorthand.setting, value: node)]
      isShorthand = true
    case .sequence:
      reader.wrongType(path.lastKey, ValueMistake(node: node, expectation: role.expectation))
      return nil
    case .mapping(let written):
      guard let type = node["type"] else {
        if let defaultID {
          name = defaultID
          isImplied = true
          entries = written
          return
        }
        reader.report(
          .missingKey, "'\(path)' does not say which \(role.title) it is", at: node,
          help: "add 'type:' with one of "
            + reader.catalog.ids(role: role.name).joined(separator: ", "))
        return nil
      }
      guard let scalar = type.scalar, scalar.kind == .text else {
        reader.wrongType(
          "type", ValueMistake(node: type, expectation: "the name of \(role.article)"))
        return nil
      }
      name = scalar.text
      nameNode = type
      entries = written.filter { $0.key != "type" }
    }
  }
}
