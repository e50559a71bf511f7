import ExptComponents
import ExptData
import ExptFiles
import ExptRunFolder
import ExptTensor

/// What a report shows of a model of codes or of a dictionary, once, when training ends.
///
/// `summary/usage.npz`: how often each code was chosen (`codes`, for residual codes `codes_1`, …), or in how
/// many images each sparse latent was on (`latents`), over the held-out images, `[n]` float64. For codes
/// `summary/codes.npz`: `codes` `[images, depth, height, width]` int64 of the first 2,000 held-out images, and
/// `labels` where there are any; and two pictures (`.pgm`, `.ppm` for colour): `codes`, images above
/// their codes in colours and their reconstructions, and `codebook`, for each of the 64 most used codes the
/// mean of what is around the places where it was chosen. For a dictionary the picture `dictionary`: its patterns, the most used first, 0 in grey.
struct UsageSummary {
  private let folder: RunFolder
  private static let shown = 16
  private static let codesShown = 64
  private static let patternsShown = 1024

  init(_ folder: RunFolder) { self.folder = folder }

  func write(_ encodings: Encodings, of examples: ImageSet, _ trainer: Trainer) throws {
    guard !trainer.tallies.isEmpty else { return }
    let counts = trainer.evaluate(trainer.heldOut, progress: trainer.progress).counts
    try NPZ.write(
      counts.map { ($0.name, NPYArray(shape: [$0.counts.count], doubles: $0.counts)) },
      to: path("usage.npz"))
    let orders = counts.map { counts in
      counts.counts.indices.sorted {
        (counts.counts[$1], $0) < (counts.counts[$0], $1)
      }
    }
    if case .indices(let grid, _) = encodings.space {
      try writeCodes(encodings, grid, examples, trainer, orders: orders)
    }
    if let parameter = trainer.experiment.model.dictionary?.parameter,
      let patterns = trainer.network.store[parameter]
    {
      let shape = trainer.network.facts.image
      try write(
        Pictures.patterns(
          Array(patterns.values), shape: shape,
          order: Array((orders.first ?? []).prefix(Self.patternsShown))), "dictionary")
    }
  }

  private func writeCodes(
    _ encodings: Encodings, _ grid: Shape, _ examples: ImageSet, _ trainer: Trainer,
    orders: [[Int]]
  ) throws {
    var arrays = [encodings.meanArray]
    if let labels = examples.labels {
      arrays.append(("labels", NPYArray(shape: [labels.count], int64s: labels.map(Int64.init))))
    }
    try NPZ.write(arrays, to: path("codes.npz"))
    let access = trainer.access
    let some = Array(0..<min(Self.shown, encodings.count))
    let few = encodings.selecting(some)
    try write(
      Pictures.codes(
        access.presented(examples, 0..<some.count),
        few.space.choices(of: few.mean) ?? [], grid: grid,
        reconstructions: access.decode(few.mean, given: few.annotations), shape: access.image),
      "codes")
    guard let order = orders.first else { return }
    try write(
      Pictures.surroundings(
        access.presented(examples), encodings.space.choices(of: encodings.mean) ?? [], grid: grid,
        shape: access.image, order: Array(order.prefix(Self.codesShown))), "codebook")
  }

  private func write(_ picture: Image8, _ name: String) throws {
    try picture.writePNM(to: path("\(name).\(picture.channels == 3 ? "ppm" : "pgm")"))
  }

  private func path(_ name: String) -> String { FilePath.join(folder.summaryFolder, name) }
}

extension Trainer {
  /// The validation images; those of training where nothing is held out.
  fileprivate var heldOut: BatchSource {
    BatchSource.evaluation(
      data.images, experiment.dataset.split,
      range: data.validation.isEmpty ? data.train : data.validation, batchSize: settings.batchSize)
  }
}
