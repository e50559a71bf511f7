import ExptBuiltins
import ExptComponents
import ExptTesting
import Testing

@testable import custom_expt

/// Every plugin of this package keeps the contracts of its role.
@Suite("The plugins")
struct PluginTests {
  static let plugins: [any Component.Type] = [
    ACAI.self, MMDVAE.self, VampPrior.self, VQVAE.self,
  ]

  @Test(arguments: plugins.map(Plugin.init))
  func `keeps the contracts of its role`(_ plugin: Plugin) throws {
    let catalog = try Catalog(Catalog.builtins, adding: Self.plugins)
    let problems = Conformance.problems(of: plugin.type, in: catalog)
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }
}

struct Plugin: Sendable, CustomTestStringConvertible {
  let type: any Component.Type
  var testDescription: String { "\(type)" }
}
