import ExptComponents
import ExptData
import ExptFiles
import ExptInference
import ExptRunFolder
import ExptTensor

/// Writes pictures: reconstructions of held-out images (pairs, the original above) and, for a
/// generative model, samples from the prior.
final class ImagesObserver: TrainingObserver {
  let activity = Profile.Activity.images
  private let folder: RunFolder
  private let examples: ImageSet

  init(_ folder: RunFolder, _ trainer: Trainer) {
    self.folder = folder
    examples = trainer.examples(trainer.experiment.outputs.imageCount)
  }

  func observe(_ event: TrainingEvent, of trainer: Trainer) throws {
    guard case .epochEnded(let epoch) = event else { return }
    let every = trainer.experiment.outputs.imagesEvery
    guard every > 0, epoch.epoch % every == 0 || epoch.epoch == epoch.epochs else { return }
    let access = trainer.access
    let shape = access.image
    let reconstructed = access.decode(
      access.encode(examples).points, given: examples.annotations)
    try write(
      Pictures.pairs(access.presented(examples), reconstructed, shape: shape), "reconstructions",
      epoch, trainer)
    guard access.isGenerative else { return }
    let count = trainer.experiment.outputs.imageCount
    let latents = access.drawPrior(count, seed: trainer.experiment.seed)
    try write(Pictures.square(access.decode(latents), shape: shape), "samples", epoch, trainer)
  }

  private func write(
    _ picture: Image8, _ kind: String, _ epoch: EpochSummary, _ trainer: Trainer
  ) throws {
    try picture.write(as: trainer.experiment.outputs.imageFormats) {
      folder.imageFile(kind, epoch: epoch.epoch, extension: $0)
    }
  }
}

extension Trainer {
  /// The first `count` validation images; training images where nothing is held out.
  func examples(_ count: Int) -> ImageSet {
    let range = data.validation.isEmpty ? data.train : data.validation
    return data.images.slice(range.prefix(count))
  }

  /// The model as outputs use it.
  var access: NetworkAccess {
    NetworkAccess(
      network, batch: settings.batchSize, presentation: experiment.dataset.split)
  }
}

extension ImageSet {
  /// Some of the images, in their order.
  public func slice(_ range: Range<Int>) -> ImageSet {
    let values = range.lowerBound * shape.count..<range.upperBound * shape.count
    let part: Pixels =
      switch pixels {
      case .bytes(let bytes): .bytes(Array(bytes[values]))
      case .floats(let floats): .floats(Array(floats[values]))
      }
    var slice = self
    (slice.count, slice.pixels) = (range.count, part)
    slice.labels = labels.map { Array($0[range]) }
    slice.factors = factors.map { ($0.name, Array($0.values[range])) }
    slice.rows = range.map(row)
    return slice
  }
}
