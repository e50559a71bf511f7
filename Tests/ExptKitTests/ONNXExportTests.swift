import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptONNX
import ExptTensor
import ExptTestSupport
import ExptTraining
import Testing

@Suite("expt export --format onnx")
struct ONNXExportTests {
  /// Between them every model, likelihood, architecture and layer.
  static let models = [
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

  private func run(_ model: String, in folder: TemporaryFolder) throws -> String {
    let file = try folder.write(
      """
      dataset: { type: digits, train: 120, validation: 20, test: 10 }
      model: \(model)
      training: { epochs: 2, batch_size: 16 }
      """, to: "small.yaml")
    let path = folder.file("run")
    let result = try Program.run(["run", file, "--run-dir", path, "--quiet"])
    try #require(result.status == 0, "\(result.messages)")
    return path
  }

  /// What the run's own model makes of seven images and seven latents.
  private func write(_ path: String, to file: String) throws {
    let trained = try TrainedRun.open(path, threads: 1, catalog: Catalog(Catalog.builtins))
    let access = trained.access
    let pixels = (0..<7 * 784).map { Float(($0 * 37) % 101) / 100 }
    let images = ImageSet(shape: [1, 28, 28], count: 7, pixels: .floats(pixels))
    let encodings = access.encode(images)
    let latents = (0..<7 * access.space.width).map { Float(($0 * 29) % 41) / 10 - 2 }
    var arrays = [
      ("pixels", NPYArray(shape: [7, 1, 28, 28], floats: pixels)),
      ("mean", NPYArray(shape: [7, access.space.width], floats: encodings.mean)),
      ("latents", NPYArray(shape: [7, access.space.width], floats: latents)),
      ("images", NPYArray(shape: [7, 1, 28, 28], floats: access.decode(latents))),
    ]
    arrays += encodings.parameters.map {
      ($0.name, NPYArray(shape: [7, $0.values.count / 7], floats: $0.values))
    }
    try NPZ.write(arrays, to: file)
  }

  @Test(
    "gives onnxruntime, for batches of any size, what the run's own model gives", .needs(.onnx),
    arguments: models.keys.sorted())
  func agrees(_ name: String) throws {
    let folder = TemporaryFolder()
    let path = try run(#require(Self.models[name]), in: folder)
    let exported = try Program.run(["export", path, "--format", "onnx"])
    try #require(exported.status == 0, "\(exported.messages)")
    try write(path, to: folder.file("ours.npz"))
    let program = """
      import sys
      import numpy as np, onnx, onnxruntime
      ours = dict(np.load(sys.argv[1]))
      worst = 0
      for part in ["encoder", "decoder"]:
          file = f"{sys.argv[2]}/made/{part}-best.onnx"
          onnx.checker.check_model(file, full_check=True)
          session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
          (given,) = [i.name for i in session.get_inputs()]
          names = [o.name for o in session.get_outputs()]
          for batch in [1, 3, 7]:
              source = ours["pixels" if part == "encoder" else "latents"][:batch]
              for key, seen in zip(names, session.run(names, {given: source})):
                  if key == "parameters": continue
                  key = "mean" if part == "encoder" and key == "latents" else key
                  wanted = ours[key][:batch]
                  assert seen.shape == wanted.shape, (part, key, seen.shape, wanted.shape)
                  worst = max(worst, np.max(np.abs(seen - wanted) / (1 + np.abs(wanted))))
      print(f"{worst:.1e}")
      assert worst < 1e-5
      """
    print(name, try Python.run(program, [folder.file("ours.npz"), path]))
  }

  @Test func `names the layers and keeps the weights`() throws {
    let folder = TemporaryFolder()
    let path = try run(#require(Self.models["mlp"]), in: folder)
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

  @Test func `says what the format has no words for, and where it is`() throws {
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
    #expect(
      problem { $0.logSumExpPerExample() }
        == "encoder.2: there is no export of the operation 'log_sum_exp' to ONNX yet")
    #expect(
      problem { $0.reshaped([2 * $0.shape[0], 2]) }
        == "encoder.2: its shape follows the batch as 4×2 and 6×2 for 2 and 3 examples, "
        + "which ONNX cannot express")
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
