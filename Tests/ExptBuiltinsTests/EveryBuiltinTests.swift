import ExptBuiltins
import ExptComponents
import ExptTesting
import Testing

@Suite("Every built-in component")
struct EveryBuiltinTests {
  @Test(arguments: Catalog.builtins.map { BuiltIn($0) })
  func `keeps the contracts of its role`(_ builtin: BuiltIn) {
    let problems = Conformance.problems(of: builtin.type, in: builtins)
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }
}

/// A built-in component under its type's name.
struct BuiltIn: CustomTestStringConvertible, Sendable {
  let type: any Component.Type

  init(_ type: any Component.Type) { self.type = type }

  var testDescription: String { "\(type)" }
}
