internal import ExptTensor

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
