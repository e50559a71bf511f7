internal import ExptTensor

/// The order in which images are shown in an epoch: a permutation that depends only on the seed and
/// the epoch.
///
/// Every epoch starts from the order of the dataset, so any epoch's order can be had without those
/// before it. Drawn by one thread, by Durstenfeld's form of the Fisher–Yates shuffle: 60,000 images
/// take about a millisecond.
public enum EpochOrder {
  static let stream = Random.stream("data/order")

  /// Fills `order` with the numbers of `range`, shuffled.
  public static func write(
    _ range: Range<Int>, into order: inout [Int], seed: UInt64, epoch: Int
  ) {
    precondition(order.count == range.count, "\(range.count) numbers for \(order.count) places")
    write(range, into: &order)
    shuffle(
      &order,
      RandomSequence(seed: seed, stream: stream, position: UInt64(truncatingIfNeeded: epoch)))
  }

  /// Fills `order` with the numbers of `range` as they come.
  static func write(_ range: Range<Int>, into order: inout [Int]) {
    order.withUnsafeMutableBufferPointer { order in
      for index in order.indices { order[index] = range.lowerBound + index }
    }
  }

  static func shuffle(_ numbers: inout [Int], _ random: RandomSequence) {
    var random = random
    numbers.withUnsafeMutableBufferPointer { numbers in
      var last = numbers.count - 1
      while last > 0 {
        numbers.swapAt(last, random.below(last + 1))
        last -= 1
      }
    }
  }
}

/// An order in which to divide images that lie sorted in their file.
public enum MixedOrder {
  static let stream = Random.stream("data/mixing")

  /// The numbers `0 ..< count` in an order that depends on `count` and `seed` alone.
  public static func numbers(_ count: Int, seed: UInt64) -> [Int] {
    var numbers = Array(0..<count)
    EpochOrder.shuffle(&numbers, RandomSequence(seed: seed, stream: stream))
    return numbers
  }
}
