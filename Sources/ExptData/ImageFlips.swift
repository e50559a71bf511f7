public import ExptTensor

/// Mirrors images of a batch left to right, each with probability ½.
///
/// Whether an image is mirrored depends on the seed, the epoch and the number of the image: never on
/// the batch it is in, nor on the threads.
public enum ImageFlips {
  static let stream = Random.stream("data/flip")

  /// - Parameter numbers: The images' numbers in their dataset, below 2³²; `batch` begins with as many
  ///   images, each of `shape` [channels, height, width].
  public static func flip(
    _ batch: UnsafeMutableBufferPointer<Float>, _ numbers: ArraySlice<Int>, shape: Shape,
    seed: UInt64, epoch: Int, pool: ThreadPool?
  ) {
    let (size, width) = (shape.count, shape[2])
    precondition(
      numbers.count * size <= batch.count, "\(numbers.count) images of \(shape) in \(batch.count)")
    let first = numbers.startIndex
    nonisolated(unsafe) let batch = batch  // each task turns its own image
    ThreadPool.run(numbers.count, on: pool) { task in
      guard isMirrored(numbers[first + task], seed: seed, epoch: epoch) else { return }
      for row in 0..<size / max(width, 1) {
        let start = task * size + row * width
        batch[start..<start + width].reverse()
      }
    }
  }

  static func isMirrored(_ number: Int, seed: UInt64, epoch: Int) -> Bool {
    let position = UInt64(truncatingIfNeeded: epoch) << 32 | UInt64(truncatingIfNeeded: number)
    var random = RandomSequence(seed: seed, stream: stream, position: position)
    return random.word() >> 31 == 1
  }
}
