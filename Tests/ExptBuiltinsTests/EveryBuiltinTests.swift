import ExptBuiltins
import ExptComponents
import ExptTesting
import Testing

@Suite("Every built-in component")
struct EveryBuiltinTests {
  @Test(arguments: Catalog.builtins.map { BuiltIn($0) })
  func `keeps the contracts of its role`(_ builtin: BuiltIn) {
    let problems = Conformance.problems(
      of: builtin.type, in: builtins, settings: builtin.settings, untested: builtin.untested)
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }
}

/// A built-in component, with what its test has to know of it.
struct BuiltIn: CustomTestStringConvertible, Sendable {
  let type: any Component.Type

  init(_ type: any Component.Type) { self.type = type }

  var testDescription: String { "\(type)" }

  /// Settings for components that cannot do without, that are large otherwise, or whose other
  /// settings have no effect otherwise.
  var settings: String {
    switch "\(type)" {
    case "FactorCondition": "{names: [size]}"
    case "ConvLayer": "{channels: 5}"
    case "ConvTransposeLayer": "{channels: 5, stride: 2}"
    case "LinearLayer": "{units: 7}"
    case "ReshapeLayer": "{shape: [3, 4]}"
    case "ResidualLayer": "{layers: [relu, tanh]}"
    case "DiscretizedLogistic", "Gaussian", "Laplace": "{scale: per_pixel}"
    case "Digits", "Sprites": "{train: 20, test: 5}"
    case "IDXDataset", "NPYDataset": "{images: absent}"
    case "Images", "NPZDataset": "{path: absent}"
    default: "{}"
    }
  }

  /// Settings whose effect shows elsewhere.
  var untested: Set<String> {
    switch "\(type)" {
    default: []
    }
  }
}
