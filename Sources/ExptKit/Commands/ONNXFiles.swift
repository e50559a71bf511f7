import ExptComponents
import ExptFiles
import ExptONNX
import ExptTraining

/// The encoder and the decoder of a run as ONNX files.
struct ONNXFiles {
  let run: TrainedRun

  /// Writes both, or neither.
  ///
  /// - Returns: Their paths.
  func write(to folder: String) throws -> [String] {
    let models = [try encoder(), try decoder()]
    try ExclusiveFolder.makeAll(folder)
    return try models.map { model in
      let path = FilePath.join(folder, "\(model.name)-\(run.checkpoint).onnx")
      try AtomicFile.write(model.bytes, to: path)
      return path
    }
  }

  private func encoder() throws -> ONNXModel {
    let outputs =
      run.network.isGaussian
      ? "mean and log_variance of the posterior of the latents" : "their latents"
    return try model(
      "encoder", "images (pixels in 0 … 1) to \(outputs)", record: run.recordEncoder)
  }

  private func decoder() throws -> ONNXModel {
    try model(
      "decoder",
      "latents to images (their means, pixels in 0 … 1) and to the raw parameters of the "
        + "likelihood, \(run.manifest.likelihood)", record: run.recordDecoder)
  }

  private func model(
    _ name: String, _ summary: String, record: (_ batch: Int) -> TrainedRun.RecordedPart
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
