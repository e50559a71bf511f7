import ExptComponents
import ExptDocument

/// A component as an option of the command line gives it: `gmm`, or `{type: gmm, components: 20}`, with
/// settings on top.
struct ComponentText {
  private let node: Node

  /// - Parameters:
  ///   - option: Where it stands: `--sampler`.
  ///   - settings: `key=value`, each as with `--set`.
  /// - Throws: Whatever is not YAML, and settings that lead nowhere.
  init(_ text: String, option: String, settings: [String] = []) throws(Diagnostics) {
    var root = try Override(parsing: "\(option.drop { $0 == "-" })=\(text)", option: option).value
    var problems = Diagnostics()
    for setting in settings {
      do { try root = Self.applying(Override(parsing: setting), to: root) } catch {
        problems.append(contentsOf: error)
      }
    }
    try problems.throwErrors()
    node = root
  }

  private static func applying(_ override: Override, to root: Node) throws(Diagnostics) -> Node {
    var root = root
    do { try override.apply(to: &root) } catch { throw Diagnostics(error) }
    return root
  }

  /// - Throws: Everything that is wrong with it.
  func read<Value>(_ role: Role<Value>) throws(Diagnostics) -> Value {
    try Expt.catalog.component(role, node)
  }
}
