import ExptComponents
import ExptFiles
import ExptTensor
import ExptTestSupport
import ExptTesting
import Testing

@testable import ExptBuiltins

/// Loss and gradients of one batch with fixed noise, by `Tests/Python/priors.py`.
@Suite("PyTorch gets the same loss and gradients under a prior", .needs(.pyTorch))
struct PriorPyTorchTests {
  /// Posterior, prior and form of the KL, as the program calls them, and as a file does.
  private static let cases: [(kind: String, settings: String, isTold: Bool)] = [
    ("gaussian vamp drawn", "prior: {type: vamp, pseudo_inputs: 5}", false),
    ("gaussian vamp drawn", "prior: {type: vamp, pseudo_inputs: 5}, condition: labels", true),
    (
      "full_gaussian vamp drawn", "posterior: full_gaussian, prior: {type: vamp, pseudo_inputs: 5}",
      false
    ),
    ("gaussian gaussian_mixture drawn", "prior: {type: gaussian_mixture, components: 4}", false),
    (
      "full_gaussian gaussian_mixture drawn",
      "posterior: full_gaussian, prior: {type: gaussian_mixture, components: 4}, condition: labels",
      true
    ),
    (
      "gaussian conditional_gaussian closed",
      "prior: {type: conditional_gaussian, hidden: [4]}, condition: labels", true
    ),
    (
      "full_gaussian conditional_gaussian closed",
      "posterior: full_gaussian, prior: {type: conditional_gaussian, hidden: [4]}, condition: labels",
      true
    ),
    (
      "gaussian conditional_gaussian drawn",
      "prior: {type: conditional_gaussian, hidden: [4]}, condition: labels, kl: monte_carlo", true
    ),
  ]

  @Test func `for each prior, posterior and condition`() throws {
    let folder = TemporaryFolder()
    let paths = try Self.cases.enumerated().map { number, one in
      let path = folder.file("\(number).npz")
      try NPZ.write(arrays(one.kind, one.settings, isTold: one.isTold), to: path)
      return path
    }
    let printed = try Python.run(file: packageFolder + "/Tests/Python/priors.py", paths)
    let lines = printed.split(separator: "\n")
    try #require(lines.count == Self.cases.count, "\(printed)")
    for (line, one) in zip(lines, Self.cases) {
      let words = line.split(separator: " ")
      let errors = words[1...3].map { Double($0) ?? .infinity }
      #expect(errors.allSatisfy { $0 < 1e-5 }, "\(one.kind), \(one.settings): \(line)")
    }
  }

  private func arrays(
    _ kind: String, _ settings: String, isTold: Bool
  ) throws -> [(name: String, array: NPYArray)] {
    let model = try builtins.make(
      .model, "{type: vae, latent: 3, encoder: {type: mlp, hidden: [7]}, \(settings)}")
    let labels = [2, 0, 1, 1, 0, 2]
    let probe = try PriorProbe(
      model, mode: .training, classes: isTold ? 3 : nil, labels: { labels[$0] }, isStep: true,
      set: vary
    ) { batch, scope in
      let terms = try model.loss(batch, in: LossPass(scope: scope))
      // At the same place and under the same name: the draw's own noise.
      let noise = scope.graph.normal([PriorProbe.batch, 3], stream: "latent")
      return [terms.total, try #require(terms.kl), noise]
    }
    var arrays: [(name: String, array: NPYArray)] = [
      ("kind", NPYArray(shape: [kind.utf8.count], uint8s: Array(kind.utf8))),
      (
        "images",
        NPYArray(
          shape: [PriorProbe.batch] + PriorProbe.image.dimensions, floats: PriorProbe.images)
      ),
      ("loss", NPYArray(shape: [1], floats: probe.values[0])),
      ("kl", NPYArray(shape: [1], floats: probe.values[1])),
      ("noise", NPYArray(shape: [PriorProbe.batch, 3], floats: probe.values[2])),
    ]
    if isTold {
      arrays.append(
        ("labels", NPYArray(shape: [labels.count], int64s: labels.map(Int64.init))))
    }
    for spec in probe.store.specs where !spec.isState {
      guard let value = probe.store[spec.name], let gradient = probe.store.gradient(of: spec.name)
      else { continue }
      let shape = spec.shape.dimensions
      arrays.append(("p:" + spec.name, NPYArray(shape: shape, floats: Array(value.values))))
      arrays.append(("g:" + spec.name, NPYArray(shape: shape, floats: Array(gradient.values))))
    }
    return arrays
  }

  /// Moves every parameter from its first values, also those that begin at 0; pseudo-inputs to both
  /// sides of their range too.
  private func vary(_ store: ParameterStore) {
    for (number, spec) in store.specs.enumerated() where !spec.isState {
      guard let values = store[spec.name]?.values else { continue }
      let noise = TestNumbers.normal(values.count, seed: UInt64(100 + number))
      for index in values.indices { values[index] += 0.4 * noise[index] }
    }
  }
}
