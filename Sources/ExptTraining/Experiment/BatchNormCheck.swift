public import ExptComponents
import ExptDocument

extension ExperimentFile {
  /// What the experiment would build.
  ///
  /// - Throws: `Diagnostics` where the model does not fit the images, or its batches are too small to
  ///   be normalised; `DataProblem` where the images' shape cannot be found out.
  public func blueprint(_ environment: DataEnvironment) throws -> Blueprint {
    let blueprint = try building { () throws in try Blueprint(experiment, environment: environment)
    }
    guard let place = blueprint.loneBatchNorms.first else { return blueprint }
    let written = document.root["training"]
    throw Diagnostics(
      .error(
        .doesNotFit,
        "batch normalisation cannot normalise a batch of one image: at '\(place)' each channel has "
          + "one value",
        at: (written?["batch_size"] ?? written)?.span,
        help: "use a batch_size of at least 2, or layer_norm"))
  }
}

extension Trainer {
  /// Checks that not every batch is one image that cannot be normalised.
  ///
  /// - Throws: `DataProblem` saying what to do.
  func checkBatchNorms() throws(DataProblem) {
    guard batches.size(ofBatch: 0) == 1, let place = loneBatchNorm else { return }
    throw DataProblem(
      .malformed,
      "there is only one image to train on, and batch normalisation (\(place)) needs at least two "
        + "in a batch: use more images, or layer_norm")
  }

  /// What there is to say where the last batch of an epoch is one image that cannot be normalised.
  var loneLastBatch: String? {
    guard batches.size(ofBatch: batchesPerEpoch - 1) == 1, let place = loneBatchNorm else {
      return nil
    }
    return "the last batch of each epoch is one image, which batch normalisation (\(place)) cannot "
      + "normalise: it is taken with the running statistics, which it leaves as they are. "
      + "training.drop_last: true leaves it out; another training.batch_size avoids it"
  }

  private var loneBatchNorm: String? {
    network.step(batch: 1, mode: .training).graph.graph.loneBatchNorms.first
  }
}
