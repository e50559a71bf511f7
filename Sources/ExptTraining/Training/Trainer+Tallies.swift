public import ExptComponents
import ExptData
import ExptInference
import ExptTensor

/// How often each of n codes or latents was used in some images.
public struct UsageCounts: Sendable, Hashable {
  /// `codes`, `latents`.
  public var name: String
  public var subject: Tally.Subject
  public var counts: [Double]

  /// How many were never used.
  public var unused: Int { counts.count { $0 == 0 } }
}

// What is added up over an epoch besides means.
extension Trainer {
  var noSums: [Double] {
    Array(repeating: 0, count: columnNames.count - tallies.reduce(0) { $0 + $1.columns.count })
  }

  var noTallies: [[Double]] {
    tallies.map { Array(repeating: 0, count: $0.sums.shape.count) }
  }

  /// The values of all columns.
  ///
  /// - Parameters:
  ///   - sums: Over images, of those that are means.
  ///   - tallied: Of each tally.
  func columns(
    _ sums: [Double], _ tallied: [[Double]], images: Int
  ) -> [(name: String, value: Double)] {
    let means = sums.map { $0 / Double(max(1, images)) }
    let others = zip(tallies, tallied).flatMap { tally, sums in
      tally.columns.map { $0.value(sums, images) }
    }
    return zip(columnNames, means + others).map { ($0, $1) }
  }

  func counts(_ tallied: [[Double]]) -> [UsageCounts] {
    zip(tallies, tallied).compactMap { tally, sums in
      tally.subject.map { UsageCounts(name: tally.name, subject: $0, counts: sums) }
    }
  }

  /// Sums of tallies as a checkpoint has them, one tally after another.
  func restoredTallies(_ saved: [Double]?) -> [[Double]]? {
    var rest = (saved ?? [])[...]
    let sums = noTallies.map { tally in
      defer { rest = rest.dropFirst(tally.count) }
      return Array(rest.prefix(tally.count))
    }
    return rest.isEmpty && sums.map(\.count) == noTallies.map(\.count) ? sums : nil
  }

  /// Computes what first values follow from images: those of the first batch, and more of the first epoch
  /// where that is small.
  func computeFirstValues() {
    let count = min(data.train.count, max(settings.batchSize, Self.firstImages))
    guard count > 0 else { return }
    let source = BatchSource.training(
      data, experiment.dataset.split, batchSize: count, shuffles: settings.shuffle,
      seed: experiment.seed)
    network.computeFirstValues(images: count) { images, inputs in
      source.fill(images, inputs, with: 0, pool: network.run.pool)
    }
  }

  private static var firstImages: Int { 512 }
}
