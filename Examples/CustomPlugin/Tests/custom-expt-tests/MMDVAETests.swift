import ExptBuiltins
import ExptComponents
import ExptTesting
import Testing

@testable import custom_expt

@Test func `the MMD-VAE keeps the contracts of a model`() throws {
  let catalog = try Catalog(Catalog.builtins, adding: [MMDVAE.self])
  let problems = Conformance.problems(of: MMDVAE.self, in: catalog)
  #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
}
