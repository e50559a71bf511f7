import ExptBuiltins
import ExptFiles
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

/// Loss, terms, all gradients and the state after a step, on one batch, against a program in PyTorch
/// that was written from the papers: to 1e-5 of the largest number of each array.
@Suite("Models of codes and dictionaries, against PyTorch", .needs(.pyTorch))
struct CodesPyTorchTests {
  private struct Case {
    var name: String
    /// The model as an experiment file has it.
    var text: String
    /// The same for the program.
    var settings: String
    var image: Shape = [1, 8, 8]
    var prepare: (ModelStep) -> Void = { _ in }
  }

  private static let mlp = "encoder: {type: mlp, hidden: [12], activation: tanh}"
  private static let conv = "encoder: {type: conv, channels: [4], hidden: []}"

  private static func vq(
    _ name: String, latent: Int, pieces: Int = 1, levels: Int = 1, update: String = "ema",
    gradient: String = "ste", isMap: Bool = false
  ) -> Case {
    var one = Case(
      name: name,
      text: """
        {type: vq_vae, \(isMap ? conv : mlp), latent: \(latent), codebook: 7, pieces: \(pieces), \
        levels: \(levels), update: \(update), gradient: \(gradient), commitment: 0.4, decay: 0.8}
        """,
      settings: """
        "type": "vq_vae", "latent": \(latent), "pieces": \(pieces), "levels": \(levels), \
        "update": "\(update)", "gradient": "\(gradient)", "commitment": 0.4, "decay": 0.8, \
        "conv": \(isMap)
        """)
    one.prepare = { step in
      // Codes as far apart as latents are, and counts of a run under way.
      for spec in step.store.specs where spec.name.hasPrefix("codebook") {
        let count = spec.shape.count
        let seed = UInt64(spec.name.utf8.reduce(0) { $0 + Int($1) })
        step.set(
          spec.name,
          spec.shape.rank == 1
            ? TestNumbers.uniform(count, in: 0.5...3, seed: seed)
            : TestNumbers.normal(count, seed: seed).map { $0 * 0.7 })
      }
    }
    return one
  }

  private static func sparse(
    _ activation: String, _ json: String, patterns: String = "unit", prefixes: String = "[]"
  ) -> Case {
    var one = Case(
      name: "sparse_\(json.split(separator: "\"")[2])_\(patterns)",
      text: """
        {type: sparse_ae, latent: 20, activation: {\(activation)}, patterns: \(patterns), \
        prefixes: \(prefixes), likelihood: {type: gaussian, scale: 0.5}, aux_latents: 3, \
        aux_weight: 0.3, dead_after: 10}
        """,
      settings: """
        "type": "sparse_ae", "activation": {\(json)}, "patterns": "\(patterns)", \
        "prefixes": \(prefixes), "scale": 0.5, "aux_latents": 3, "aux_weight": 0.3, "dead_after": 10
        """, image: [1, 3, 4])
    one.prepare = { step in
      step.set("idle", (0..<20).map { Float($0 % 4 * 5) })
      step.set("encoder.bias", TestNumbers.normal(20, seed: 5).map { $0 * 0.2 })
      step.set("activation.bias", TestNumbers.normal(20, seed: 6).map { $0 * 0.1 })
      step.set("activation.log_scale", TestNumbers.normal(20, seed: 7).map { $0 * 0.2 })
      step.set("activation.threshold_sum", [0.2])
      step.set("activation.threshold_weight", [0.7])
    }
    return one
  }

  private static var cases: [Case] {
    [
      vq("vq_map", latent: 3, isMap: true),
      vq("vq_pieces", latent: 6, pieces: 3),
      vq("vq_gradient", latent: 4, update: "gradient", isMap: true),
      vq("vq_rotation", latent: 4, gradient: "rotation", isMap: true),
      vq("vq_residual", latent: 4, pieces: 2, levels: 3, isMap: true),
      vq(
        "vq_residual_rotation", latent: 4, levels: 2, update: "gradient", gradient: "rotation"),
      Case(
        name: "fsq", text: "{type: fsq_ae, \(conv), latent: 4, levels: [2, 5, 4, 3]}",
        settings: "\"type\": \"fsq_ae\", \"levels\": [2, 5, 4, 3], \"conv\": true",
        prepare: { stretch($0) }),
      Case(
        name: "lfq",
        text: """
          {type: lfq_ae, \(mlp), latent: 6, bits: 3, entropy: 0.3, diversity: 0.7, temperature: 0.8}
          """,
        settings: """
          "type": "lfq_ae", "bits": 3, "entropy": 0.3, "diversity": 0.7, "temperature": 0.8, \
          "commitment": 0.25, "conv": false
          """, prepare: { stretch($0) }),
      sparse("type: l1, weight: 0.3", "\"type\": \"l1\", \"weight\": 0.3"),
      sparse(
        "type: l1, weight: 0.3", "\"type\": \"l1\", \"weight\": 0.3", patterns: "weighted",
        prefixes: "[5, 12]"),
      sparse("type: top_k, k: 4", "\"type\": \"top_k\", \"k\": 4", prefixes: "[6]"),
      sparse(
        "type: batch_top_k, k: 4, decay: 0.9", "\"type\": \"batch_top_k\", \"k\": 4, \"decay\": 0.9"
      ),
      sparse(
        "type: jump_relu, weight: 0.2, threshold: 0.1, bandwidth: 0.4",
        "\"type\": \"jump_relu\", \"weight\": 0.2, \"bandwidth\": 0.4"),
      sparse(
        "type: gated, weight: 0.3", "\"type\": \"gated\", \"weight\": 0.3", patterns: "weighted"),
    ]
  }

  /// Latents that are not all rounded to 0.
  private static func stretch(_ step: ModelStep) {
    step.set("latent.weight", step.parameter("latent.weight").map { $0 * 6 })
  }

  @Test func `loss, terms, gradients and state are PyTorch's`() throws {
    let folder = TemporaryFolder()
    let steps = try Self.cases.map { one in
      let step = try ModelStep(one.text, image: one.image)
      one.prepare(step)
      try step.file(settings: one.settings).write(to: folder.file("\(one.name).in.safetensors"))
      step.run()
      return step
    }
    try Python.run(file: packageFolder + "/Tests/Python/codes.py", [folder.path])
    for (one, step) in zip(Self.cases, steps) {
      let expected = try Safetensors.read(folder.file("\(one.name).out.safetensors"))
      var compared = 0
      for tensor in expected.tensors {
        let parts = tensor.name.split(separator: "/").map(String.init)
        let seen =
          switch parts[0] {
          case "total": step["loss"]
          case "term": step[parts[1]]
          case "gradient": step.gradient(parts[1])
          default: step.parameter(parts[1])
          }
        let difference = relativeDifference(seen, tensor.floats ?? [])
        #expect(difference < 1e-5, "\(one.name): \(tensor.name) differs by \(difference)")
        compared += 1
      }
      let trained = step.store.specs.count { !$0.isState }
      #expect(compared > trained, "\(one.name): only \(compared) arrays were compared")
    }
  }
}
