import ExptComponents
import ExptDocument

extension Catalog {
  /// Makes a component from what an experiment file would say of it.
  ///
  ///     let adam = try catalog.make(.optimizer, "{ type: adam, learning_rate: 0.05 }")
  ///
  /// - Throws: Everything that is wrong with the text.
  public func make<Value>(_ role: Role<Value>, _ text: String) throws(Diagnostics) -> Value {
    let document = try Document.parse("component: \(text)", file: "test.yaml")
    let reader = SettingsReader(catalog: self)
    let path = NodePath().appending("component")
    let node = document.root["component"] ?? document.root
    let component = reader.component(role, from: node, path: path)
    try reader.diagnostics.throwErrors()
    guard let component else {
      throw Diagnostics(.error(.wrongType, "\(text) is not a \(role.title)"))
    }
    return component
  }

  /// Makes a component of a role that is known by its name only.
  func makeAny(_ role: AnyRole, _ written: PlainValue) throws(Diagnostics) -> any Component {
    let anything = Role<any Component>(
      role.name, title: role.title, numberShorthand: role.numberShorthand,
      includes: role.includes, cast: { $0 })
    let text = YAMLWriter.write([.init("component", YAMLWriter.Value(written))])
    let document = try Document.parse(text, file: "test.yaml")
    let reader = SettingsReader(catalog: self)
    let component = document.root["component"].flatMap {
      reader.component(anything, from: $0, path: NodePath().appending("component"))
    }
    try reader.diagnostics.throwErrors()
    guard let component else {
      throw Diagnostics(.error(.wrongType, "\(text) is not a \(role.title)"))
    }
    return component
  }
}

extension PlainValue {
  /// What a YAML text says.
  init(yaml text: String) throws(Diagnostics) {
    let document = try Document.parse("value: \(text)", file: "test.yaml")
    self = document.root["value"].map { PlainValue($0) } ?? .null
  }
}
