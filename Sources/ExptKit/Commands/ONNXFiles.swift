import ExptComponents
import ExptFiles
import ExptInference
import ExptONNX
import ExptTensor
import ExptTraining

/// The encoder and the decoder of a run as ONNX files.
struct ONNXFiles {
  private let models: [ONNXModel]
  private let run: TrainedRun

  /// Makes both models, so that neither is written where one cannot be made.
  init(run: TrainedRun) throws {
    self.run = run
    models = [try Self.encoder(run), try Self.decoder(run)]
  }

  /// Of the files, without their ending.
  var names: [String] { models.map { "\($0.name)-\(run.weightsName)" } }

  /// - Parameter paths: One for each of `names`.
  /// - Returns: The paths.
  func write(to paths: [String]) throws -> [String] {
    for (model, path) in zip(models, paths) { try AtomicFile.write(model.bytes, to: path) }
    return paths
  }

  private static func encoder(_ run: TrainedRun) throws -> ONNXModel {
    let names = run.network.recordEncoder(batch: 1).outputs.map(\.name)
    let outputs =
      names == ["latents"]
      ? "their latents" : "\(names.joined(separator: " and ")) of the posterior of the latents"
    return try model(
      run, "encoder", "images (pixels in 0 … 1) to \(outputs)",
      record: { run.network.recordEncoder(batch: $0).outputs })
  }

  private static func decoder(_ run: TrainedRun) throws -> ONNXModel {
    try model(
      run, "decoder",
      "latents to images (their means, pixels in 0 … 1) and to the raw parameters of the "
        + "likelihood, \(run.manifest.likelihood)",
      record: { run.network.recordDecoder(batch: $0).outputs })
  }

  private static func model(
    _ run: TrainedRun, _ name: String, _ summary: String,
    record: (_ batch: Int) -> [(name: String, tensor: Tensor)]
  ) throws -> ONNXModel {
    let facts = [
      ("run", FilePath.name(of: run.folder.path)), ("checkpoint", "\(run.checkpoint)"),
      ("step", "\(run.position.step)"), ("model", run.manifest.model),
      ("likelihood", run.manifest.likelihood), ("dataset", run.manifest.dataset.name),
      ("pixels", "0 to 1"),
    ]
    do {
      return try ONNXModel(
        name: name, summary: summary, version: Version.text, metadata: facts,
        store: run.network.store, record: record)
    } catch let problem {
      throw CommandFailure(.data, "the \(name) cannot be exported: \(problem.message)")
    }
  }
}
