import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptInference
import ExptONNX
import ExptTensor
import ExptTestSupport
import ExptTraining
import Testing

@Suite("expt export --format onnx")
struct ONNXExportTests {
  /// Between them every architecture and layer.
  static let networks = [
    "mlp": "{ type: vae, latent: 3, encoder: { type: mlp, hidden: [9, 7], activation: tanh } }",
    "conv": """
    { type: vae, latent: 3, likelihood: { type: gaussian, scale: per_pixel }, encoder: { type: conv, \
    channels: [16, 20], kernel: 4, stride: 2, padding: 1, hidden: [11], activation: silu, \
    batch_norm: true } }
    """,
    "ae": """
    { type: ae, latent: 4, likelihood: continuous_bernoulli, encoder: { type: conv, channels: [3], \
    kernel: 3, stride: 2, padding: 1, activation: gelu } }
    """,
    "maps": """
    { type: vae, latent: 3, encoder: { type: layers, layers: [ { type: conv, channels: 8, kernel: 3, \
    padding: same, spectral_norm: true }, { type: group_norm, groups: 4 }, silu, max_pool, \
    { type: attention, dimension: 4, norm_groups: 2 }, pixel_unshuffle, { type: avg_pool, kernel: 3, \
    stride: 2, padding: 1 }, flatten, { type: linear, units: 12, spectral_norm: true, initialiser: \
    orthogonal }, { type: group_norm, groups: 3 } ] }, decoder: { type: layers, layers: [ { type: linear, \
    units: 784 }, { type: reshape, shape: [16, 7, 7] }, { type: pixel_shuffle }, { type: conv_transpose, \
    channels: 4, kernel: 4, stride: 2, padding: 1, spectral_norm: true }, relu, { type: conv, channels: \
    1, kernel: 3, padding: same } ] } }
    """,
    "iwae": "{ type: iwae, latent: 2, likelihood: laplace, encoder: { type: mlp, hidden: [8] } }",
    "groups": """
    { type: vae, latent: 9, prior: groups, encoder: { type: mlp, hidden: [8] }, posterior: { type: \
    groups, groups: { style: { latent: 2 }, place: { latent: 3, posterior: von_mises_fisher }, \
    kind: { latent: 2, posterior: { type: categorical, size: 4 } }, \
    "on": { latent: 2, posterior: bernoulli } } } }
    """,
    "levels": """
    { type: vae, latent: 2, likelihood: { type: categorical, levels: 5 }, encoder: { type: mlp, \
    hidden: [8] } }
    """,
    "mixed": """
    { type: vae, latent: 2, likelihood: { type: mixed, columns: [ { type: beta, margin: 0.001 }, \
    { type: student_t, scale: per_pixel }, { type: logistic_mixture, components: 2 }, \
    { type: categorical, levels: 3 } ], widths: [84, 300, 200, 200] }, encoder: { type: mlp, \
    hidden: [8] } }
    """,
    "layers": """
    { type: vae, latent: 3, likelihood: discretized_logistic, encoder: { type: layers, layers: [ \
    { type: conv, channels: 4, kernel: 3, stride: 2, padding: 1 }, { type: elu, alpha: 0.5 }, \
    batch_norm, { type: residual, layers: [ { type: conv, channels: 4, kernel: 3, padding: 1 }, \
    leaky_relu ] }, layer_norm, sigmoid, dropout, softplus, relu, flatten, { type: linear, \
    units: 12 }, gelu, gelu_tanh, silu, tanh ] }, decoder: { type: layers, layers: [ { type: linear, units: 98 }, \
    { type: reshape, shape: [2, 7, 7] }, { type: upsample, factor: 2 }, { type: conv, channels: 3, \
    kernel: 3, padding: 1 }, relu, { type: conv_transpose, channels: 1, kernel: 4, stride: 2, \
    padding: 1 } ] } }
    """,
  ]

  /// Every model, posterior, sparse activation and likelihood of the catalog, by id, and beside them what
  /// else has operations of its own. A new component is here as soon as it is in the catalog.
  static let components: [String: String] = {
    let catalog = (try? Catalog(Catalog.builtins)) ?? Catalog()
    var cases: [String: String] = [
      "vq_vae/vector": "{ type: vq_vae, latent: 4, pieces: 2, codebook: 8 }",
      "fsq_ae/vector": "{ type: fsq_ae, latent: 4, levels: [3, 4] }",
      "hierarchical_vae/ladder":
        "{ type: hierarchical_vae, latent: 3, upper: [2], inference: ladder }",
      "hierarchical_vae/bottom_up":
        "{ type: hierarchical_vae, latent: 3, upper: [2], inference: bottom_up }",
      "sparse_ae/weighted": "{ type: sparse_ae, latent: 12, patterns: weighted }",
      "condition/labels": "{ type: vae, latent: 3, condition: labels }",
      "condition/factors":
        "{ type: vae, latent: 3, condition: { type: factors, names: [scale, x] } }",
      "m2_vae/missing": "{ type: m2_vae, latent: 3, missing: { share: 0.3 } }",
      "missing": "{ type: iwae, latent: 3, missing: { share: 0.3, tell: true } }",
      "likelihood/library":
        "{ type: vae, latent: 2, likelihood: { type: poisson, library: observed } }",
    ]
    for model in catalog.components(role: "model") { cases[model.id] = settings(of: model) }
    let priors = [
      "bernoulli": "uniform", "categorical": "uniform", "groups": "groups",
      "von_mises_fisher": "uniform",
    ]
    // Points are what ae has.
    for posterior in catalog.components(role: "posterior") where posterior.id != "point" {
      let prior = priors[posterior.id, default: "standard_normal"]
      cases["posterior/\(posterior.id)"] =
        "{ type: vae, latent: 3, prior: \(prior), posterior: \(settings(of: posterior)) }"
    }
    for activation in catalog.components(role: "sparse_activation") {
      cases["activation/\(activation.id)"] =
        "{ type: sparse_ae, latent: 20, activation: \(settings(of: activation)) }"
    }
    let likelihoods = ["beta": "{ type: beta, margin: 0.001 }", "mixed": mixed]
    for likelihood in catalog.components(role: "likelihood") {
      let settings = likelihoods[likelihood.id] ?? settings(of: likelihood)
      cases["likelihood/\(likelihood.id)"] = "{ type: vae, latent: 2, likelihood: \(settings) }"
    }
    return cases
  }()

  private static let mixed = "{ type: mixed, columns: [gaussian, bernoulli], widths: [100, 44] }"

  /// Those of `components` that cannot be exported yet, with the sentence that says so.
  static let refused: [String: String] = [:]

  /// The settings that its conformance test begins with.
  private static func settings(of component: any Component) -> String {
    "{ type: \(component.id), " + type(of: component).exampleSettings.drop { $0 != "{" }.dropFirst()
  }

  /// What they learn from, those that need other data than the digits: counts, and known factors.
  private static let data = [
    "condition/factors": sprites, "likelihood/library": counts,
    "likelihood/negative_binomial": counts, "likelihood/poisson": counts, "likelihood/zinb": counts,
  ]
  private static let sprites = "type: sprites, size: 12, train: 60"
  private static let counts = "type: npz, path: COUNTS"

  private func run(
    _ model: String, of data: String = "type: digits, train: 60", in folder: TemporaryFolder,
    as name: String = "run"
  ) throws -> String {
    let file = try folder.write(
      """
      dataset: { \(data), validation: 20, test: 10 }
      model: \(model)
      training: { epochs: 1, batch_size: 16 }
      """, to: "small.yaml")
    let path = folder.file(name)
    let result = try Program.run(["run", file, "--run-dir", path, "--quiet", "--threads", "1"])
    try #require(result.status == 0, "\(name): \(result.messages)")
    return path
  }

  /// What the run's own model makes of seven images and seven latents.
  private func write(_ path: String) throws {
    let trained = try TrainedRun.open(path, threads: 1, catalog: Catalog(Catalog.builtins))
    let (access, count) = (trained.access, 7)
    let (image, width) = (access.image, access.space.width)
    let images = ImageSet(
      shape: image, count: count,
      pixels: .floats((0..<count * image.count).map { Float(($0 * 37) % 101) / 100 }),
      labels: (0..<count).map { Int32($0 * 3 % 10) },
      factors: ["scale", "x"].map { name in (name, (0..<count).map { Float($0 * name.count) / 8 }) }
    )
    let encodings = access.encode(images)
    let latents = access.space.points(
      nearest: (0..<count * width).map { Float(($0 * 29) % 41) / 10 - 2 })
    var reconstruction: [Float] = []
    access.reconstruct(images) { reconstruction += $0 }
    func rows(_ values: [Float]) -> NPYArray {
      NPYArray(shape: [count, values.count / count], floats: values)
    }
    func pixels(_ values: [Float]) -> NPYArray {
      NPYArray(shape: [count] + image.dimensions, floats: values)
    }
    let arrays = [
      ("in.images", pixels(access.presented(images))),
      ("in.labels", NPYArray(shape: [count], floats: images.labels?.map(Float.init) ?? [])),
      ("in.observed", pixels(observed(trained, count))), ("in.latents", rows(latents)),
      ("encoder.latents", rows(encodings.mean)), ("encoder.mean", rows(encodings.mean)),
      ("encoder.points", rows(access.space.points(nearest: encodings.mean))),
      ("decoder.images", pixels(access.decode(latents, given: images.annotations))),
      ("reconstruction", pixels(reconstruction)),
    ]
    let factors = images.factors.map {
      ("in.factor/" + $0.name, NPYArray(shape: [count], floats: $0.values))
    }
    let parameters = encodings.parameters.map { ("encoder." + $0.name, rows($0.values)) }
    try NPZ.write(arrays + factors + parameters, to: path + "/ours.npz")
  }

  /// 1 where a pixel of the first images is observed, if 0.3 of them are missing.
  private func observed(_ trained: TrainedRun, _ count: Int) -> [Float] {
    (0..<count).flatMap { image -> [Float] in
      var lot = [Float](repeating: 0, count: trained.access.image.count)
      lot.withUnsafeMutableBufferPointer {
        Random.fillUniform(
          $0, seed: trained.network.run.seed, stream: Random.stream("lot/pixels"),
          position: UInt64(image))
      }
      return lot.map { $0 < 0.3 ? 0 : 1 }
    }
  }

  private func agree(_ runs: [String]) throws {
    print(try Python.run(file: packageFolder + "/Tests/Python/onnx_agrees.py", runs))
  }

  @Test(
    "gives onnxruntime, for batches of any size, what the run's own model gives", .needs(.onnx),
    arguments: networks.keys.sorted())
  func agrees(_ name: String) throws {
    let folder = TemporaryFolder()
    let path = try run(#require(Self.networks[name]), in: folder, as: name)
    let exported = try Program.run(["export", path, "--format", "onnx"])
    try #require(exported.status == 0, "\(exported.messages)")
    try write(path)
    try agree([path])
  }

  @Test("does so for every component that has a part in it, or says why not", .needs(.onnx))
  func everyComponent() throws {
    let folder = TemporaryFolder()
    let counts = NPYArray(
      shape: [60, 1, 12, 12], floats: (0..<60 * 144).map { Float($0 % 37 % 4) })
    try NPZ.write([("images", counts)], to: folder.file("counts.npz"))
    var runs: [String] = []
    for (name, model) in Self.components.sorted(by: { $0.key < $1.key }) {
      let data = Self.data[name, default: "type: digits, size: 12, train: 60"]
        .replacing("COUNTS", with: folder.file("counts.npz"))
      let path = try run(model, of: data, in: folder, as: name.replacing("/", with: "-"))
      let exported = try Program.run(["export", path, "--format", "onnx"])
      if let sentence = Self.refused[name] {
        #expect(exported.status != 0 && exported.messages.contains(sentence), "\(name)")
        continue
      }
      #expect(exported.status == 0, "\(name): \(exported.messages)")
      guard exported.status == 0 else { continue }
      try write(path)
      runs.append(path)
    }
    try agree(runs)
  }

  @Test func `names the layers and keeps the weights`() throws {
    let folder = TemporaryFolder()
    let path = try run(#require(Self.networks["mlp"]), in: folder)
    let exported = try Program.run([
      "export", path, "--format", "onnx", "--checkpoint", "last", "-o", folder.file("out"),
    ])
    try #require(exported.status == 0, "\(exported.messages)")
    #expect(exported.lastLine == folder.file("out/decoder-last.onnx"))
    let model = try Wire(FileBytes.read(folder.file("out/encoder-last.onnx")))
    let graph = try Wire(#require(model[7].first))
    let types = try graph[1].map { try #require(Wire($0)[4].first) }
    #expect(
      types.map { String(decoding: $0, as: UTF8.self) }
        == [
          "Reshape", "Gemm", "Tanh", "Gemm", "Tanh", "Gemm", "Slice", "Slice", "Identity",
          "Identity",
        ])
    let weights = try Safetensors.read(path + "/checkpoints/last.safetensors")
    var seen = 0
    for tensor in try graph[5].map(Wire.init) {
      let name = String(decoding: try #require(tensor[8].first), as: UTF8.self)
      guard let floats = weights[name]?.floats else { continue }
      seen += 1
      let bytes = floats.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
      #expect(tensor[9].first == bytes, "\(name)")
    }
    #expect(seen == 6)
  }

  @Test func `says what it has no words for, and where that is`() throws {
    func problem(_ make: (Tensor) -> Tensor) -> String {
      let parameters = ParameterSet()
      do {
        _ = try ONNXModel(
          name: "encoder", summary: "", version: "", metadata: [],
          store: ParameterStore(parameters)
        ) { batch in
          let graph = Graph(mode: .evaluation, parameters: parameters)
          let x = graph.input("x", [batch, 4])
          return [("y", graph.within("encoder.2") { make(x) })]
        }
        return ""
      } catch { return error.message }
    }
    #expect(problem { $0 + 1 } == "")
    #expect(problem { $0.reshaped([2 * $0.shape[0], 2]).reshaped([$0.shape[0], 4]) } == "")
    #expect(
      problem { $0.logSumExpPerExample() }
        == "expt cannot yet write the operation 'log_sum_exp' as ONNX (in encoder.2)")
    #expect(
      problem { logCosh($0) }
        == "expt cannot yet write the function 'log_cosh' as ONNX (in encoder.2)")
    #expect(
      problem { $0.transposed() }
        == "expt cannot yet write a value that is 4×2 for 2 examples and 4×3 for 3 as ONNX "
        + "(in encoder.2)")
    #expect(
      problem { x in
        let squares = (0..<x.shape[0]).map { Float($0 * $0) }
        return x.scaledRows(by: x.graph.constant(squares, [x.shape[0]]))
      } == "expt cannot yet write numbers that differ from example to example as ONNX "
        + "(in encoder.2)")
    #expect(
      problem { $0.reshaped([2 * $0.shape[0], 2]) }
        == "expt cannot yet write the output 'y', which is not one row for each example, as ONNX")
  }
}

/// The fields of a message in the wire format of protocol buffers, those with bytes.
private struct Wire {
  private var fields: [Int: [[UInt8]]] = [:]

  struct Cut: Error {}

  init(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    func number() throws -> Int {
      var value = 0
      for shift in stride(from: 0, to: 63, by: 7) {
        guard let byte = rest.popFirst() else { throw Cut() }
        value |= Int(byte & 0x7f) << shift
        if byte < 0x80 { return value }
      }
      return value
    }
    while !rest.isEmpty {
      let key = try number()
      switch key & 7 {
      case 0: _ = try number()
      case 5: rest = rest.dropFirst(4)
      case 1: rest = rest.dropFirst(8)
      default:
        let count = try number()
        guard count <= rest.count else { throw Cut() }
        fields[key >> 3, default: []].append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
    }
  }

  subscript(field: Int) -> [[UInt8]] { fields[field] ?? [] }
}
