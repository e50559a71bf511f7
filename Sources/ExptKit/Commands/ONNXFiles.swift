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
    let space = run.network.latents.space
    func record(_ batch: Int) -> [(name: String, tensor: Tensor)] {
      let outputs = run.network.recordEncoder(batch: batch).outputs
      guard space.hasChoices, let mean = outputs.first?.tensor else { return outputs }
      return outputs + [("points", space.points(nearest: mean))]
    }
    let names = record(1).map(\.name).filter { $0 != "points" }
    let outputs =
      names == ["latents"]
      ? "their latents" : "\(names.joined(separator: " and ")) of the posterior of the latents"
    let points =
      space.hasChoices
      ? ", and to points, its mean with each choice made, which are the latents of a reconstruction"
      : ""
    return try model(
      run, "encoder", "images (pixels in 0 … 1) to \(outputs)\(points)", record: record)
  }

  private static func decoder(_ run: TrainedRun) throws -> ONNXModel {
    try model(
      run, "decoder",
      "latents (\(run.network.latents.space)) to images (their means, pixels in 0 … 1) and to the raw "
        + "parameters of the likelihood, \(run.manifest.likelihood)",
      record: { run.network.recordDecoder(batch: $0).outputs })
  }

  private static func model(
    _ run: TrainedRun, _ name: String, _ summary: String,
    record: (_ batch: Int) -> [(name: String, tensor: Tensor)]
  ) throws -> ONNXModel {
    let facts = [
      ("run", FilePath.name(of: run.folder.path)), ("checkpoint", "\(run.checkpoint)"),
      ("step", "\(run.position.step)"), ("model", run.manifest.model),
      ("latents", "\(run.network.latents.space)"), ("likelihood", run.manifest.likelihood),
      ("dataset", run.manifest.dataset.name), ("pixels", "0 to 1"),
    ]
    let hasMissing = run.network.facts.table?.hasMissing == true
    do {
      return try ONNXModel(
        name: name, summary: summary, version: Version.text, metadata: facts,
        store: run.network.store,
        // A lot of 1 is never below the share of missing pixels, and one of 0 always.
        inputNames: [Batch.input(ofLot: "pixels"): hasMissing ? "drawn" : "observed"],
        record: record)
    } catch let problem {
      throw CommandFailure(.data, "the \(name) cannot be exported: \(problem.message)")
    }
  }
}

extension LatentSpace {
  /// Whether some latents are choices or switches, of which a mean has the probabilities.
  fileprivate var hasChoices: Bool {
    switch self {
    case .codes, .bits: true
    case .vector, .map, .sphere, .indices: false
    case .groups(let parts): parts.contains { $0.space.hasChoices }
    }
  }

  /// The most probable value of each choice and switch, while a graph is recorded; all else as it is.
  ///
  /// - Parameter mean: `[batch, width]`.
  fileprivate func points(nearest mean: Tensor) -> Tensor {
    switch self {
    case .vector, .map, .sphere, .indices:
      return mean
    case .bits:
      return step(mean - 0.5)
    case .codes(let count, let size):
      let rows = mean.reshaped([mean.shape[0] * count, size])
      return rows.argMaxPerExample().oneHot(size).reshaped(mean.shape)
    case .groups:
      return concatenate(
        placedGroups.map { $0.group.space.points(nearest: mean.columns($0.numbers)) })
    }
  }
}
