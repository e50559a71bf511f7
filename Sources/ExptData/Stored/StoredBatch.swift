import ExptComponents
import ExptTensor

/// A batch of images that are not in memory, read one by one where they do not lie side by side.
final class StoredBatch {
  private let stored: StoredPixels
  private let memory: UnsafeMutableRawBufferPointer
  private let slots: [Int]

  /// - Parameter batch: The most images of a batch.
  init(_ stored: StoredPixels, batch: Int) {
    self.stored = stored
    memory = .allocate(byteCount: max(1, batch * stored.source.imageBytes), alignment: 64)
    slots = Array(0..<batch)
  }

  deinit { memory.deallocate() }

  /// Writes images to the front of `target`.
  func fill(
    _ target: UnsafeMutableBufferPointer<Float>, with numbers: ArraySlice<Int>,
    as presentation: PixelPresentation, pool: ThreadPool?
  ) {
    let bytes = stored.source.imageBytes
    var start = numbers.startIndex
    while start < numbers.endIndex {
      let first = numbers[start]
      var end = start + 1
      while end < numbers.endIndex, numbers[end] == first + (end - start) { end += 1 }
      let place = (start - numbers.startIndex) * bytes
      stored.read(
        first..<first + (end - start),
        into: UnsafeMutableRawBufferPointer(
          rebasing: memory[place..<place + (end - start) * bytes]))
      start = end
    }
    GatherImages.copy(
      slots[..<numbers.count], numbered: numbers, of: UnsafeRawBufferPointer(memory),
      pixels: stored.source.size, holdsBytes: stored.source.holdsBytes, as: presentation,
      into: target, pool: pool)
  }
}
