import ExptBuiltins
import ExptComponents
import ExptDocument

/// Reads an architecture, a layer or a likelihood as an experiment file would name it.
func network<Value>(_ role: Role<Value>, _ text: String) throws(Diagnostics) -> Value {
  let document = try Document.parse("component: \(text)", file: "test.yaml")
  let reader = SettingsReader(catalog: builtins)
  let node = document.root["component"] ?? document.root
  let component = reader.component(role, from: node, path: NodePath())
  guard let component else { throw reader.diagnostics }
  return component
}
