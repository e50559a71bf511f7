import ExptFiles
import ExptRunFolder

/// What a run's folder tells of its latent space: see `SummaryObserver`.
struct RunLatents: Sendable {
  var count: Int
  var latent: Int
  /// `[count, latent]`
  var mean: [Float]
  /// One per image, if the data have them.
  var labels: [Int]?
  /// Of each dimension, choice, switch or sphere: its KL in nats, or an autoencoder's variance.
  var weight: [Double]
  var isKL: Bool
  /// Whether the prior's deviation is the unit of traversals; else the latents' own.
  var isStandard: Bool
  /// Whether latents are numbers and nothing else.
  var isNumbers: Bool
  /// The dimension of each row of the traversals.
  var traversed: [Int]
  /// Of a prior that is a mixture: the part of the latents that each component accounts for.
  var shares: [Double]
  /// What the picture of these components has: what they are the posteriors of, and their decoded means.
  var drawn: (sources: Bool, means: Bool)

  /// Nil if the folder has none that can be read.
  init?(_ folder: RunFolder) {
    guard let arrays = try? NPZ.read(folder.summaryLatents, limit: 256 << 20) else { return nil }
    func array(_ name: String) -> NPYArray? { arrays.first { $0.name == name }?.array }
    guard let mean = array("mean"), mean.shape.count == 2, mean.shape[0] > 0, mean.shape[1] > 0
    else { return nil }
    (count, latent) = (mean.shape[0], mean.shape[1])
    self.mean = mean.floats
    labels = array("labels")?.integers.flatMap { [count] in $0.count == count ? $0 : nil }
    isKL = array("kl") != nil
    isStandard = isKL && array("standard_prior")?.integers != [0]
    shares = array("component_share")?.doubles ?? []
    let rows = array("component_rows")?.integers ?? []
    drawn = rows.count == 2 ? (rows[0] != 0, rows[1] != 0) : (false, false)
    weight = (array("kl") ?? array("variance"))?.doubles ?? []
    traversed = array("traversed")?.integers ?? []
    // Older folders say nothing of kinds.
    let kinds = array("kinds")?.integers ?? [Int](repeating: 0, count: latent)
    isNumbers = kinds.allSatisfy { $0 == 0 }
    guard weight.count == kinds.count else { return nil }
  }
}
