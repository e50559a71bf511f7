public import ExptComponents
public import ExptTensor

/// Handwritten-like digits, drawn from a seed.
public enum DrawnDigits {
  /// Grey images [1, side, side] with the digits as labels.
  ///
  /// Image i depends on `seed`, `part` and i only: not on `count`, nor on the threads. The bytes are
  /// the same on every machine.
  ///
  /// - Parameter part: `train` or `test`: other digits for each.
  public static func draw(
    _ count: Int, side: Int, seed: UInt64, part: String, pool: ThreadPool?
  ) -> ImageSet {
    let size = side * side
    let stream = Random.stream("digits/" + part)
    var labels = [Int32](repeating: 0, count: count)
    let bytes = [UInt8](unsafeUninitializedCapacity: count * size) { bytes, filled in
      labels.withUnsafeMutableBufferPointer { labels in
        // Each task writes its own images.
        nonisolated(unsafe) let (bytes, labels) = (bytes, labels)
        let chunk = 100
        ThreadPool.run((count + chunk - 1) / chunk, on: pool) { task in
          var drawing = DigitDrawing(side: side)
          for image in task * chunk..<min((task + 1) * chunk, count) {
            let random = RandomSequence(seed: seed, stream: stream, position: UInt64(image))
            let target = UnsafeMutableBufferPointer(
              rebasing: bytes[image * size..<(image + 1) * size])
            labels[image] = drawing.draw(random, to: target)
          }
        }
      }
      filled = count * size
    }
    return ImageSet(shape: [1, side, side], count: count, pixels: .bytes(bytes), labels: labels)
  }
}
