import ExptComponents
import ExptData
import ExptFiles
import ExptInference
import ExptRunFolder

/// Writes what a report shows of a trained model, once, when training ends: `summary/latents.npz` and
/// `summary/traversals.pgm` (`.ppm` for colour).
///
/// The archive holds `mean` and, for a VAE, `log_variance`, both `[images, latent]` float32 of the
/// first 2,000 held-out images; `labels` `[images]` int64 where there are any; `kl` `[latent]`
/// float64 in nats (for an autoencoder `variance`); and `traversed` `[rows]` int64, the dimension of
/// each row of the picture, the most informative one at the top.
final class SummaryObserver: TrainingObserver {
  let activity = Profile.Activity.outputs
  static let imageLimit = 2000
  static let rowLimit = 10
  static let steps = 11
  private let folder: RunFolder

  init(_ folder: RunFolder) { self.folder = folder }

  func observe(_ event: TrainingEvent, of trainer: Trainer) throws {
    guard case .finished = event, trainer.experiment.outputs.summary else { return }
    let examples = trainer.examples(Self.imageLimit)
    guard examples.count > 0 else { return }
    try ExclusiveFolder.makeAll(folder.summaryFolder)
    let codes = trainer.access.encode(examples)
    let dimensions = codes.dimensions
    let rows = Array(dimensions.byImportance.prefix(Self.rowLimit))
    try draw(rows, from: codes, trainer.access)
    try NPZ.write(
      arrays(codes, dimensions, rows, labels: examples.labels), to: folder.summaryLatents)
  }

  private func draw(
    _ rows: [LatentDimension], from codes: Encodings, _ model: any ModelAccess
  ) throws {
    let latents = LatentWalks.traversal(
      of: codes.mean(ofImage: 0), along: rows, range: 3, steps: Self.steps)
    let picture = Pictures.grid(
      model.decode(
        latents, given: codes.annotations(ofImage: 0, count: latents.count / codes.latent)),
      shape: model.image, columns: Self.steps)
    let ending = picture.channels == 3 ? "ppm" : "pgm"
    try picture.writePNM(to: FilePath.join(folder.summaryFolder, "traversals.\(ending)"))
  }

  private func arrays(
    _ codes: Encodings, _ dimensions: [LatentDimension], _ rows: [LatentDimension],
    labels: [Int32]?
  ) -> [(name: String, array: NPYArray)] {
    let shape = [codes.count, codes.latent]
    var arrays = [(name: "mean", array: NPYArray(shape: shape, floats: codes.mean))]
    arrays += codes.parameterArrays
    if dimensions.contains(where: { $0.kl != nil }) {
      arrays.append(("kl", NPYArray(shape: [codes.latent], doubles: dimensions.map { $0.kl ?? 0 })))
    } else {
      arrays.append(
        ("variance", NPYArray(shape: [codes.latent], doubles: dimensions.map(\.variance))))
    }
    if let labels {
      arrays.append(("labels", NPYArray(shape: [labels.count], int64s: labels.map { Int64($0) })))
    }
    let numbers = rows.map { Int64($0.number) }
    arrays.append(("traversed", NPYArray(shape: [numbers.count], int64s: numbers)))
    return arrays
  }
}
