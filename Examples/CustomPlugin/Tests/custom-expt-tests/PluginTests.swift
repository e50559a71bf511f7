import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@testable import custom_expt

/// Every plugin of this package keeps the contracts of its role.
@Suite("The plugins")
struct PluginTests {
  static let plugins: [any Component.Type] = [
    ACAI.self, ClusteringAE.self, LaplacePosterior.self, LaplacePrior.self, RenyiVAE.self,
  ]

  @Test(arguments: plugins.map(Plugin.init))
  func `keeps the contracts of its role`(_ plugin: Plugin) throws {
    let catalog = try Catalog(Catalog.builtins, adding: Self.plugins)
    let problems = Conformance.problems(of: plugin.type, in: catalog)
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  /// By a sum over a fine grid, and by the mean over draws.
  @Test func `the KL of Laplace distributions is the integral of its definition`() {
    let draws = 20_000
    let run = GraphRun([([1, 2], [0.7, -1]), ([1, 2], [-0.4, 0.3])]) { graph, x in
      let scope = Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] })
      let q = Laplacian(location: x[0], logScale: x[1])
      let p = Laplacian(location: x[0] * 0, logScale: x[1] * 0 - 0.2)
      let ratios = q.monteCarloDivergence(q.draw(draws, batch: 1, in: scope), from: p)
      return concatenateRows(
        q.divergence(from: p)?.perDimension?.reshaped([2]) ?? x[0].reshaped([2]),
        (ratios ?? x[0].reshaped([2])).sum().reshaped([1]) / Float(draws))
    }
    func density(_ z: Double, _ location: Double, _ logScale: Double) -> Double {
      -abs(z - location) / exp(logScale) - logScale - log(2.0)
    }
    var total = 0.0
    for (place, (location, logScale)) in [(0.7, -0.4), (-1, 0.3)].enumerated() {
      let step = 1e-3
      let expected = stride(from: -40.0, to: 40, by: step).reduce(0) { sum, z in
        let own = density(z, location, logScale)
        return sum + exp(own) * (own - density(z, 0, -0.2)) * step
      }
      total += expected
      #expect(abs(Double(run.output[place]) - expected) < 1e-4)
    }
    #expect(abs(Double(run.output[2]) - total) < 0.05)
  }
}

struct Plugin: Sendable, CustomTestStringConvertible {
  let type: any Component.Type
  var testDescription: String { "\(type)" }
}
