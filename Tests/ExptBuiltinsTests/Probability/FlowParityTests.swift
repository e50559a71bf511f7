import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

@Suite("Flows against PyTorch", .serialized, .needs(.pyTorch))
struct FlowParityTests {
  private static let dimensions = 4
  private static let examples = 3
  private static let draws = 2
  private static let rows = examples * draws

  /// What is compared: values, densities and the gradients of Σ c·values + Σ k·density.
  private struct Case {
    var name: String
    var settings: String
    var inputs: [String]
    var probe: ProbedGraph
    /// Of the inputs.
    var tensors: [(shape: Shape, values: [Float])]
    /// What the program is also given, such as the noise.
    var given: [(name: String, shape: [Int], values: [Float])] = []
    var valuesShape: [Int]
    var densityShape: [Int]

    /// Of a model, whose values are the noise, only the loss counts.
    var c: [Float] {
      let count = probe.outputs[0].count
      return name == "vae"
        ? [Float](repeating: 0, count: count) : TestNumbers.normal(count, seed: 31)
    }
    var k: [Float] { TestNumbers.normal(probe.outputs[1].count, seed: 32) }
  }

  private static func posterior(
    _ name: String, _ text: String, _ settings: String
  ) throws -> Case {
    let posterior = try builtins.make(.posterior, text)
    let width = posterior.headWidth(latent: dimensions)
    let head: (shape: Shape, values: [Float]) = (
      [examples, width], TestNumbers.normal(examples * width, seed: 33)
    )
    let probe = try ProbedGraph([head]) { scope, x in
      let q = try posterior.distribution(head: x[0], latent: dimensions, in: scope)
      let draw = q.draw(draws, batch: examples, in: scope)
      let noise = scope.graph.normal([rows, dimensions], stream: "latent")
      return [draw.values, draw.logDensity, noise].compactMap(\.self)
    }
    return Case(
      name: name, settings: settings, inputs: ["head"], probe: probe, tensors: [head],
      given: [("noise", [rows, dimensions], probe.outputs[2])],
      valuesShape: [rows, dimensions], densityShape: [rows])
  }

  private static func prior(
    _ name: String, _ text: String, _ settings: String, isConditional: Bool
  ) throws -> Case {
    let prior = try builtins.make(.prior, text)
    var tensors: [(shape: Shape, values: [Float])] = [
      ([rows, dimensions], TestNumbers.normal(rows * dimensions, seed: 34))
    ]
    if isConditional {
      tensors.append(([examples, 2], TestNumbers.normal(2 * examples, seed: 35)))
    }
    let probe = try ProbedGraph(tensors) { scope, x in
      let p = try prior.distribution(
        in: PriorContext(
          scope: scope, space: .vector(dimensions), batch: Batch(examples, in: scope),
          condition: x.count > 1 ? x[1] : nil
        ) { (_) throws(BuildProblem) in StandardNormal(.vector(dimensions)) })
      return [x[0], p.logDensity(x[0])].compactMap(\.self)
    }
    return Case(
      name: name, settings: settings, inputs: isConditional ? ["rows", "condition"] : ["rows"],
      probe: probe, tensors: tensors, valuesShape: [rows, dimensions], densityShape: [rows])
  }

  /// The loss of a whole model on one batch.
  private static func vae() throws -> Case {
    let model = try builtins.make(
      .model,
      """
      { type: vae, latent: 4, encoder: { type: mlp, hidden: [10] },
        posterior: { type: iaf, depth: 2, hidden: [9], context: 3 },
        prior: { type: maf, depth: 2, hidden: [8, 6] } }
      """)
    let images: (shape: Shape, values: [Float]) = (
      [5, 1, 3, 3], TestNumbers.uniform(45, in: 0...1, seed: 36)
    )
    let probe = try ProbedGraph([images], scalars: ["beta": 1]) { scope, x in
      let scope = Scope(
        scope.graph, data: DataFacts(image: [1, 3, 3]) { [Float](repeating: 0, count: 9) })
      let noise = scope.graph.normal([5, 4], stream: "latent")
      let loss = try model.loss(Batch(x[0], in: scope), in: LossPass(scope: scope)).total
      return [noise, loss.reshaped([1])]
    }
    return Case(
      name: "vae",
      settings: """
        {"case": "vae", "d": 4, "posterior_settings": {"depth": 2, "hidden": [9], "forget": 2},
         "prior_settings": {"depth": 2, "hidden": [8, 6], "limit": 2}}
        """, inputs: ["images"], probe: probe, tensors: [images],
      given: [("noise", [5, 4], probe.outputs[0])], valuesShape: [5, 4], densityShape: [1])
  }

  private static func cases() throws -> [Case] {
    let flow = #""depth": 3, "hidden": [9, 7]"#
    return [
      try posterior(
        "planar", "{ type: planar, depth: 3 }",
        #"{"case": "planar", "d": 4, "draws": 2, "depth": 3}"#),
      try posterior(
        "radial", "{ type: radial, depth: 3 }",
        #"{"case": "radial", "d": 4, "draws": 2, "depth": 3}"#),
      try posterior(
        "iaf", "{ type: iaf, depth: 3, hidden: [9, 7], context: 5, forget_bias: 1.5 }",
        #"{"case": "iaf", "d": 4, "draws": 2, "forget": 1.5, \#(flow)}"#),
      try posterior(
        "realnvp", "{ type: realnvp, depth: 3, hidden: [9, 7], context: 5, scale_limit: 1.5 }",
        #"{"case": "realnvp", "d": 4, "draws": 2, "limit": 1.5, \#(flow)}"#),
      try prior(
        "maf prior", "{ type: maf, depth: 3, hidden: [9, 7], scale_limit: 1.5 }",
        #"{"case": "prior", "kind": "maf", "d": 4, "draws": 2, "limit": 1.5, \#(flow)}"#,
        isConditional: false),
      try prior(
        "maf prior under a condition", "{ type: maf, depth: 3, hidden: [9, 7], scale_limit: 1.5 }",
        #"{"case": "prior", "kind": "maf", "d": 4, "draws": 2, "limit": 1.5, \#(flow)}"#,
        isConditional: true),
      try prior(
        "realnvp prior under a condition",
        "{ type: realnvp, depth: 3, hidden: [9, 7], scale_limit: 1.5 }",
        #"{"case": "prior", "kind": "realnvp", "d": 4, "draws": 2, "limit": 1.5, \#(flow)}"#,
        isConditional: true),
      try vae(),
    ]
  }

  @Test func `draws, densities and all gradients are those of the papers' maps`() throws {
    let cases = try Self.cases()
    var file = Safetensors()
    for one in cases {
      file.metadata[one.name] = one.settings
      for (name, tensor) in zip(one.inputs, one.tensors) {
        file.add("\(one.name)/\(name)", shape: tensor.shape.dimensions, floats: tensor.values)
      }
      for (name, shape, values) in one.given {
        file.add("\(one.name)/\(name)", shape: shape, floats: values)
      }
      for (name, shape, values) in one.probe.parameters {
        file.add("\(one.name)/p/\(name)", shape: shape, floats: values)
      }
      file.add("\(one.name)/c", shape: one.valuesShape, floats: one.c)
      file.add("\(one.name)/k", shape: one.densityShape, floats: one.k)
    }
    let folder = TemporaryFolder()
    try file.write(to: folder.file("in.safetensors"))
    try Python.run(
      file: packageFolder + "/Tests/Python/flows.py",
      [folder.file("in.safetensors"), folder.file("out.safetensors")])
    let expected = try Safetensors.read(folder.file("out.safetensors"))
    for one in cases { try compare(one, expected) }
  }

  private func compare(_ one: Case, _ expected: Safetensors) throws {
    func error(_ seen: [Float], _ name: String) throws -> Double {
      largestError(seen, try #require(expected["\(one.name)/\(name)"]?.doubles, "\(name)"))
    }
    let isModel = one.name == "vae"
    if !isModel { #expect(try error(one.probe.outputs[0], "values") < 1e-5, "\(one.name)") }
    #expect(try error(one.probe.outputs[1], "density") < 1e-5, "\(one.name)")
    let gradients = one.probe.gradients(of: isModel ? [1: one.k] : [0: one.c, 1: one.k])
    for (name, gradient) in zip(one.inputs, gradients.inputs) {
      #expect(try error(gradient, "grad/\(name)") < 1e-5, "\(one.name): \(name)")
    }
    for (name, gradient) in gradients.parameters {
      #expect(try error(gradient, "grad/p/\(name)") < 1e-5, "\(one.name): \(name)")
      #expect(gradient.contains { $0 != 0 }, "\(one.name): \(name)")
    }
  }
}
