import ExptComponents
import ExptData
import ExptFiles
import ExptInference
import ExptRunFolder

/// Writes what a report shows of a trained model, once, when training ends: `summary/latents.npz` and
/// `summary/traversals.pgm` (`.ppm` for colour).
///
/// The archive holds `mean` and, for a VAE, `log_variance`, both `[images, latent]` float32 of the
/// first 2,000 held-out images; `labels` `[images]` int64 where there are any; `kl` `[units]`
/// float64 in nats (for an autoencoder `variance`) of each dimension, choice, switch or sphere; `kinds`
/// `[units]` int64, which of these four it is, from 0; and `traversed` `[rows]` int64, the unit of
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
    let traversal = LatentWalks.traversal(
      of: codes.mean(ofImage: 0), along: rows, range: 3, steps: Self.steps, in: codes.space)
    try draw(traversal, from: codes, trainer.access)
    try NPZ.write(
      arrays(codes, dimensions, traversal.rows.map(\.dimension), labels: examples.labels),
      to: folder.summaryLatents)
  }

  private func draw(
    _ traversal: Traversal, from codes: Encodings, _ model: any ModelAccess
  ) throws {
    let images = model.decode(
      traversal.latents, given: codes.annotations(ofImage: 0, count: traversal.count))
    let picture = Pictures.grid(
      traversal.filled(images, size: model.image.count), shape: model.image,
      columns: traversal.columns)
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
    let units = [dimensions.count]
    if dimensions.contains(where: { $0.kl != nil }) {
      arrays.append(("kl", NPYArray(shape: units, doubles: dimensions.map { $0.kl ?? 0 })))
    } else {
      arrays.append(("variance", NPYArray(shape: units, doubles: dimensions.map(\.variance))))
    }
    let kinds = dimensions.map { Int64($0.unit.kind.rawValue) }
    arrays.append(("kinds", NPYArray(shape: units, int64s: kinds)))
    if let labels {
      arrays.append(("labels", NPYArray(shape: [labels.count], int64s: labels.map { Int64($0) })))
    }
    let numbers = rows.map { Int64($0.number) }
    arrays.append(("traversed", NPYArray(shape: [numbers.count], int64s: numbers)))
    return arrays
  }
}
