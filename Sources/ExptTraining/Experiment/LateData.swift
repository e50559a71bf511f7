import ExptComponents
import ExptData
import ExptTensor
import Synchronization

/// What first values of parameters are made of: data that are loaded after the model has been recorded.
final class LateData: Sendable {
  private let data = Mutex<TrainingImages?>(nil)

  func set(_ images: TrainingImages) { data.withLock { $0 = images } }

  /// Nil until there are data.
  var known: TrainingImages? { data.withLock { $0 } }
}

/// The images that a run trains on, as its model sees them.
struct TrainingImages: Sendable {
  let splits: DataSplits
  let settings: SplitSettings
  let seed: UInt64

  func pixelMean() -> [Float] {
    splits.images.meanImage(in: splits.train, binarization: settings.binarization)
  }

  func extent() -> ClosedRange<Float> {
    guard let extent = splits.images.extent else { return 0...1 }
    return extent.least...max(extent.least, extent.greatest)
  }

  /// So many of them, `count · image` values, drawn at random without repetition while there are some;
  /// where there are labels, one of each class after the other.
  func examples(_ count: Int) -> [Float] {
    let chosen = splits.images.selecting(numbers(count)[...])
    let source = BatchSource.evaluation(chosen, settings, batchSize: max(1, count))
    var values = [Float](repeating: 0, count: count * splits.images.shape.count)
    if count > 0 {
      values.withUnsafeMutableBufferPointer { source.fill($0, with: 0, pool: nil) }
    }
    return values
  }

  private func numbers(_ count: Int) -> [Int] {
    var classes: [Int32: [Int]] = [:]
    for number in splits.train {
      classes[splits.images.labels?[number] ?? 0, default: []].append(number)
    }
    var random = RandomSequence(seed: seed, stream: Random.stream("examples"))
    let groups = classes.sorted { $0.key < $1.key }.map { group in
      shuffled(group.value, atMost: count / classes.count + 1, &random)
    }
    guard !groups.isEmpty else { return [] }
    return (0..<count).map { place in
      let group = groups[place % groups.count]
      return group[place / groups.count % group.count]
    }
  }

  /// The first `limit` of the numbers in a random order.
  private func shuffled(
    _ numbers: [Int], atMost limit: Int, _ random: inout RandomSequence
  ) -> [Int] {
    var numbers = numbers
    let count = min(limit, numbers.count)
    for place in 0..<count {
      numbers.swapAt(place, place + random.below(numbers.count - place))
    }
    return Array(numbers.prefix(count))
  }
}
