import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

@Suite("Posteriors and priors that are flows")
struct FlowPartTests {
  private func loss(_ posterior: String, _ prior: String = "standard_normal") throws -> LossProbe {
    try LossProbe(
      builtins.make(
        .model,
        """
        { type: vae, kl: monte_carlo, samples: 3, \(small), posterior: \(posterior), prior: \(prior) }
        """))
  }

  @Test(arguments: ["planar", "radial", "iaf", "realnvp"])
  func `a posterior of depth 0 is the plain Gaussian, bit for bit`(_ id: String) throws {
    let (seen, plain) = (try loss("{ type: \(id), depth: 0 }"), try loss("gaussian"))
    #expect(seen.values == plain.values)
    #expect(try loss("{ type: \(id), depth: 1 }").values != plain.values)
  }

  @Test(arguments: ["maf", "realnvp"])
  func `a prior of depth 0 is N(0, I), bit for bit`(_ id: String) throws {
    let (seen, plain) = (
      try loss("gaussian", "{ type: \(id), depth: 0 }"), try loss("gaussian")
    )
    #expect(seen.values == plain.values)
    #expect(try loss("gaussian", "{ type: \(id), depth: 1 }").values != plain.values)
  }

  @Test func `a Gaussian's log-variances stay within their limits, and are free without`() throws {
    let head: [Float] = [1, 2, -3, 0.5, 4, 9, -9, 0]
    func logVariances(_ text: String) throws -> [Float] {
      let posterior = try builtins.make(.posterior, text)
      return try ProbedGraph([([2, 4], head)]) { scope, x in
        let q = try posterior.distribution(head: x[0], latent: 2, in: scope)
        return [q.parameters[0].value]
      }.outputs[0]
    }
    #expect(try logVariances("gaussian") == [-3, 0.5, -9, 0])
    #expect(try logVariances("{ type: gaussian, min_log_variance: -4 }") == [-3, 0.5, -4, 0])
    #expect(
      try logVariances("{ type: gaussian, min_log_variance: -4, max_log_variance: -1 }")
        == [-3, -1, -4, -1])
    #expect(throws: (any Error).self) {
      try builtins.make(
        .posterior, "{ type: gaussian, min_log_variance: 2, max_log_variance: 2 }")
    }
  }

  private func prior(
    _ id: String, _ space: LatentSpace, _ condition: [Float]?
  ) throws -> [[Float]] {
    let prior = try builtins.make(.prior, "{ type: \(id), depth: 2, hidden: [8] }")
    let z = TestNumbers.normal(2 * space.width, seed: 5)
    return try ProbedGraph([([2, space.width], z), ([2, 1], condition ?? [0, 0])]) { scope, x in
      let p = try prior.distribution(
        in: PriorContext(
          scope: scope, space: space, batch: Batch(2, in: scope),
          condition: condition.map { _ in x[1] }
        ) { (_) throws(BuildProblem) in StandardNormal(space) })
      #expect(p.space == space)
      return [p.logDensity(x[0]), p.draw(3, batch: 2, in: scope).values].compactMap(\.self)
    }.outputs
  }

  @Test(arguments: ["maf", "realnvp"])
  func `a prior is told the condition, and takes maps`(_ id: String) throws {
    let (one, other) = (
      try prior(id, .vector(4), [1, 1]), try prior(id, .vector(4), [1, -1])
    )
    #expect(one[0][0] == other[0][0] && one[0][1] != other[0][1])
    #expect(one[1].prefix(12) == other[1].prefix(12) && one[1].suffix(12) != other[1].suffix(12))
    #expect(try prior(id, .map([1, 2, 2]), nil).map(\.count) == [2, 24])
    #expect(throws: BuildProblem.self) { try prior(id, .codes(count: 2, size: 2), nil) }
    #expect(throws: BuildProblem.self) { try prior(id, .sphere(3), nil) }
  }
}
