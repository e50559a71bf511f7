import ExptComponents
import ExptData
import ExptFiles
import ExptInference
import ExptRunFolder

/// Writes what a report shows of a trained model, once, when training ends: `summary/latents.npz`,
/// `summary/traversals.pgm` (`.ppm` for colour), and `summary/explanation.json`, what the model is.
///
/// The archive holds `mean` and, for a VAE, `log_variance`, both `[images, latent]` float32 of the
/// first 2,000 held-out images; `labels` `[images]` int64 where there are any; `kl` `[units]`
/// float64 in nats (for an autoencoder `variance`) of each dimension, choice, switch or sphere; `kinds`
/// `[units]` int64, which of these four it is, from 0; and `traversed` `[rows]` int64, the unit of
/// each row of the picture, the most informative one at the top. `standard_prior` `[1]` int64 is 0 where
/// the prior is not N(0, I).
///
/// Where the prior is a mixture, `summary/components.pgm` has those of its components that most latents
/// belong to: their pseudo-inputs (for a VampPrior) above their decoded means, 16 in a row; and the
/// archive has `component_share` `[K]` float64 and `component_rows` `[2]` int64: whether the picture has the
/// inputs, and the means.
/// Of codes and dictionaries `UsageSummary` writes more.
final class SummaryObserver: TrainingObserver {
  let activity = Profile.Activity.outputs
  let looksAtModel = true
  static let imageLimit = 2000
  static let rowLimit = 10
  static let componentLimit = 32
  static let steps = 11
  private let folder: RunFolder

  init(_ folder: RunFolder) { self.folder = folder }

  func observe(_ event: TrainingEvent, of trainer: Trainer) throws {
    guard case .finished = event, trainer.experiment.outputs.summary else { return }
    let examples = trainer.examples(Self.imageLimit)
    guard examples.count > 0 else { return }
    try ExclusiveFolder.makeAll(folder.summaryFolder)
    try explain(trainer)
    let codes = trainer.access.encode(examples)
    try UsageSummary(folder).write(codes, of: examples, trainer)
    guard !codes.space.isNumbered else { return }
    let dimensions = codes.dimensions
    let rows = Array(dimensions.byImportance.prefix(Self.rowLimit))
    let traversal = LatentWalks.traversal(
      of: codes.mean(ofImage: 0), along: rows, range: 3, steps: Self.steps, in: codes.space)
    try draw(traversal, from: codes, trainer.access)
    var arrays = arrays(
      codes, dimensions, traversal.rows.map(\.dimension), labels: examples.labels)
    if let components = trainer.priorUse()?.components, components.count > 1 {
      let drawn = try draw(components, trainer.access)
      arrays += [
        ("component_share", NPYArray(shape: [components.count], doubles: components.shares)),
        (
          "component_rows",
          NPYArray(shape: [2], int64s: [drawn.sources ? 1 : 0, drawn.means ? 1 : 0])
        ),
      ]
    }
    try NPZ.write(arrays, to: folder.summaryLatents)
  }

  /// A decoder that is told more than a latent does not draw means: of what class they are is not known.
  ///
  /// - Returns: What was drawn.
  private func draw(
    _ components: PriorUse.Components, _ model: any ModelAccess
  ) throws -> (sources: Bool, means: Bool) {
    let shown = components.byShare.prefix(Self.componentLimit)
    func rows(_ values: [Float], _ size: Int) -> [Float] {
      shown.flatMap { values[$0 * size..<($0 + 1) * size] }
    }
    let isFree = model.told.classes == nil && model.told.factors.isEmpty
    let decoded =
      isFree && !components.centres.isEmpty
      ? model.decode(rows(components.centres, model.space.width)) : nil
    let sources = components.sources.map { rows($0, model.image.count) }
    let picture: Image8
    switch (sources, decoded) {
    case (let sources?, let decoded?):
      picture = Pictures.pairs(sources, decoded, shape: model.image)
    case (let images?, nil), (nil, let images?):
      picture = Pictures.grid(images, shape: model.image, columns: 16)
    case (nil, nil): return (false, false)
    }
    try write(picture, "components")
    return (sources != nil, decoded != nil)
  }

  private func write(_ picture: Image8, _ name: String) throws {
    let ending = picture.channels == 3 ? "ppm" : "pgm"
    try picture.writePNM(to: FilePath.join(folder.summaryFolder, "\(name).\(ending)"))
  }

  private func explain(_ trainer: Trainer) throws {
    let step = trainer.network.step(
      batch: trainer.batches.size(ofBatch: 0), mode: .training)
    try AtomicFile.write(
      Explanation(trainer.experiment.model, step.graph).json.pretty, to: folder.explanationFile)
  }

  private func draw(
    _ traversal: Traversal, from codes: Encodings, _ model: any ModelAccess
  ) throws {
    let images = model.decode(
      traversal.latents, given: codes.annotations(ofImage: 0, count: traversal.count))
    let picture = Pictures.grid(
      traversal.filled(images, size: model.image.count), shape: model.image,
      columns: traversal.columns)
    try write(picture, "traversals")
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
    if !codes.hasStandardPrior {
      arrays.append(("standard_prior", NPYArray(shape: [1], int64s: [0])))
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
