internal import ExptComponents
internal import ExptTensor

/// Brings the images of an epoch into memory, window after window, the next one while one is in use.
final class ImageWindows {
  private let stored: StoredPixels
  private let seed: UInt64?
  private var blocks: BlockOrder
  private var ahead: ReadAhead?
  private var slots: [Int]

  /// - Parameters:
  ///   - seed: Of the order; nil: as they come.
  ///   - batch: The most images of a batch.
  init(_ stored: StoredPixels, _ range: Range<Int>, seed: UInt64?, batch: Int) {
    (self.stored, self.seed) = (stored, seed)
    blocks = BlockOrder(range, stored.windows)
    slots = [Int](repeating: 0, count: batch)
  }

  /// Goes to an epoch and writes the numbers of its images.
  func start(epoch: Int, into order: inout [Int]) {
    let before = blocks.blocks
    blocks.write(into: &order, seed: seed, epoch: epoch)
    if before == blocks.blocks, ahead != nil { return }
    ahead?.forget()
    ahead = nil
  }

  /// Writes images of the epoch to the front of `target`.
  ///
  /// - Parameters:
  ///   - places: Where they stand in the epoch.
  ///   - order: The numbers of all its images.
  func fill(
    _ target: UnsafeMutableBufferPointer<Float>, with places: Range<Int>, of order: [Int],
    as presentation: PixelPresentation, pool: ThreadPool?
  ) {
    var start = places.lowerBound
    while start < places.upperBound {
      let window = blocks.window(ofPlace: start)
      let end = min(places.upperBound, blocks.places(ofWindow: window).upperBound)
      for place in start..<end { slots[place - start] = blocks.slot(ofImage: order[place]) }
      GatherImages.copy(
        slots[..<(end - start)], numbered: order[start..<end], of: memory(ofWindow: window),
        pixels: stored.source.size, holdsBytes: stored.source.holdsBytes, as: presentation,
        into: UnsafeMutableBufferPointer(
          rebasing: target[((start - places.lowerBound) * stored.source.size)...]), pool: pool)
      start = end
    }
  }

  private func memory(ofWindow window: Int) -> UnsafeRawBufferPointer {
    let ahead = ahead ?? makeAhead()
    self.ahead = ahead
    return ahead.piece(window, next: window + 1 < blocks.windowCount ? window + 1 : nil)
  }

  private func makeAhead() -> ReadAhead {
    let (stored, blocks) = (stored, blocks)
    let bytes = stored.source.imageBytes
    let blockBytes = blocks.windows.block * bytes
    return ReadAhead(bytes: min(blocks.windows.blocks, blocks.blocks.count) * blockBytes) {
      window, memory in
      for (place, block) in blocks.blocks(ofWindow: window).enumerated() {
        let images = blocks.images(ofBlock: block)
        let start = place * blockBytes
        stored.read(
          images,
          into: UnsafeMutableRawBufferPointer(
            rebasing: memory[start..<start + images.count * bytes]))
      }
    }
  }
}

extension GatherImages {
  /// Copies images out of memory of bytes or Floats.
  ///
  /// - Parameter numbers: The numbers in the dataset of those at `slots`, which their draws go by.
  static func copy(
    _ slots: ArraySlice<Int>, numbered numbers: ArraySlice<Int>, of memory: UnsafeRawBufferPointer,
    pixels: Int, holdsBytes: Bool, as presentation: PixelPresentation,
    into target: UnsafeMutableBufferPointer<Float>, pool: ThreadPool?
  ) {
    func copy(
      _ slots: ArraySlice<Int>, _ target: UnsafeMutableBufferPointer<Float>, shift: Int = 0
    ) {
      if holdsBytes {
        GatherImages.copy(
          slots, of: memory.assumingMemoryBound(to: UInt8.self), pixels: pixels, as: presentation,
          shift: shift, into: target, pool: pool)
      } else {
        GatherImages.copy(
          slots, of: memory.assumingMemoryBound(to: Float.self), pixels: pixels, as: presentation,
          shift: shift, into: target, pool: pool)
      }
    }
    guard case .stochastic = presentation else { return copy(slots, target) }
    for (row, (slot, number)) in zip(slots.indices, numbers).enumerated() {
      copy(
        slots[slot...slot],
        UnsafeMutableBufferPointer(rebasing: target[(row * pixels)...]), shift: number - slots[slot]
      )
    }
  }
}
