import ExptComponents
import ExptData
import ExptFiles
import ExptInference
import ExptRunFolder
import ExptTensor

/// Writes pictures: reconstructions of held-out images (pairs, the original above) and, for a
/// generative model, samples from the prior: a row for each class where the model is told the class, and
/// with the factors of the held-out images where it is told those.
final class ImagesObserver: TrainingObserver {
  let activity = Profile.Activity.images
  let looksAtModel = true
  private let folder: RunFolder
  private let disk: DiskWriter
  private let examples: ImageSet

  init(_ folder: RunFolder, _ disk: DiskWriter, _ trainer: Trainer) {
    (self.folder, self.disk) = (folder, disk)
    examples = trainer.examples(trainer.experiment.outputs.imageCount)
  }

  func observe(_ event: TrainingEvent, of trainer: Trainer) throws {
    guard case .epochEnded(let epoch) = event else { return }
    try disk.epochEnded(epoch.epoch)
    let every = trainer.experiment.outputs.imagesEvery
    guard every > 0, epoch.epoch % every == 0 || epoch.epoch == epoch.epochs else { return }
    let access = trainer.access
    let shape = access.image
    let reconstructed = access.decode(
      access.encode(examples).points, given: examples.annotations)
    write(
      Pictures.pairs(access.presented(examples), reconstructed, shape: shape), "reconstructions",
      epoch, trainer)
    guard access.isGenerative else { return }
    write(samples(trainer), "samples", epoch, trainer)
  }

  private func samples(_ trainer: Trainer) -> Image8 {
    let (access, count) = (trainer.access, trainer.experiment.outputs.imageCount)
    func images(_ count: Int, _ label: Int? = nil) -> [Float] {
      // Where there are fewer held-out images than samples, they come again.
      let rows = (0..<count).map { $0 % max(1, examples.count) }
      var told = examples.count > 0 ? examples.annotations.selecting(rows) : Annotations()
      told.labels = label.map { Array(repeating: Int32($0), count: count) }
      let latents = access.drawPrior(count, seed: trainer.experiment.seed, given: told)
      return access.decode(latents, given: told)
    }
    guard let classes = access.told.classes else {
      return Pictures.square(images(count), shape: access.image)
    }
    let rows = min(classes, count)
    let columns = max(1, count / rows)
    return Pictures.grid(
      (0..<rows).flatMap { images(columns, $0) }, shape: access.image, columns: columns)
  }

  private func write(
    _ picture: Image8, _ kind: String, _ epoch: EpochSummary, _ trainer: Trainer
  ) {
    disk.begin {
      [folder, formats = trainer.experiment.outputs.imageFormats] () throws(FileProblem) in
      try picture.write(as: formats) {
        folder.imageFile(kind, epoch: epoch.epoch, extension: $0)
      }
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
      case .stored: selecting(Array(range)[...]).pixels
      }
    var slice = self
    (slice.count, slice.pixels) = (range.count, part)
    slice.observed = observed.map { Array($0[values]) }
    slice.labels = labels.map { Array($0[range]) }
    slice.factors = factors.map { ($0.name, Array($0.values[range])) }
    slice.rows = range.map(row)
    return slice
  }
}
