internal import ExptComponents
internal import ExptTensor

/// The order in which images that are not in memory are shown in an epoch.
///
/// The images are cut into blocks of neighbours. The order of the blocks is shuffled, several of them are a
/// window, and the images of a window are shuffled among themselves:
///
///     blocks  0 1 2 3 4 5   →   3 0 5 | 1 4 2   →   images of 3, 0 and 5 mixed, then those of 1, 4 and 2
///
/// It depends on the seed, the epoch and the sizes, and on nothing else. An image can stand beside any other,
/// but those of a block are always in the same window; where all blocks fit in one window, it is a whole shuffle.
struct BlockOrder {
  /// The images, in the order of the file, that the blocks are cut from.
  let range: Range<Int>
  let windows: PixelWindows
  /// The blocks in the order of the epoch.
  private(set) var blocks: [Int]
  /// Where each block stands in `blocks`.
  private var places: [Int]
  /// Where each window starts among the images of the epoch, and the end.
  private var starts: [Int] = []

  static let stream = Random.stream("data/blocks")

  init(_ range: Range<Int>, _ windows: PixelWindows) {
    (self.range, self.windows) = (range, windows)
    blocks = Array(0..<(range.count + windows.block - 1) / windows.block)
    places = blocks
  }

  var windowCount: Int { max(1, (blocks.count + windows.blocks - 1) / windows.blocks) }

  /// Goes to an epoch and writes the numbers of its images.
  ///
  /// - Parameter seed: nil: as they come.
  mutating func write(into order: inout [Int], seed: UInt64?, epoch: Int) {
    for block in blocks.indices { blocks[block] = block }
    var random = seed.map {
      RandomSequence(
        seed: $0, stream: Self.stream, position: UInt64(truncatingIfNeeded: epoch))
    }
    // In a single window the order of the blocks makes no difference, and what was read stays as it is.
    if windowCount > 1 { Self.shuffle(&blocks, blocks.indices, &random) }
    for (place, block) in blocks.enumerated() { places[block] = place }
    starts = [0]
    var filled = 0
    for window in 0..<windowCount {
      for block in self.blocks(ofWindow: window) {
        for image in images(ofBlock: block) {
          order[filled] = image
          filled += 1
        }
      }
      Self.shuffle(&order, (starts.last ?? 0)..<filled, &random)
      starts.append(filled)
    }
  }

  private static func shuffle(
    _ numbers: inout [Int], _ range: Range<Int>, _ random: inout RandomSequence?
  ) {
    guard var sequence = random else { return }
    numbers.withUnsafeMutableBufferPointer { numbers in
      var last = range.count - 1
      while last > 0 {
        numbers.swapAt(range.lowerBound + last, range.lowerBound + sequence.below(last + 1))
        last -= 1
      }
    }
    random = sequence
  }

  func blocks(ofWindow window: Int) -> ArraySlice<Int> {
    blocks[window * windows.blocks..<min((window + 1) * windows.blocks, blocks.count)]
  }

  /// The images of a block, in the order of the file.
  func images(ofBlock block: Int) -> Range<Int> {
    let first = range.lowerBound + block * windows.block
    return first..<min(first + windows.block, range.upperBound)
  }

  /// The places of a window's images in the epoch.
  func places(ofWindow window: Int) -> Range<Int> { starts[window]..<starts[window + 1] }

  /// The window of a place in the epoch.
  func window(ofPlace place: Int) -> Int {
    // All windows but one have as many images; that one has fewer, by less than a block.
    var window = min(place / windows.images, windowCount - 1)
    while window + 1 < windowCount, starts[window + 1] <= place { window += 1 }
    return window
  }

  /// Where an image lies in its window, each block having room for `windows.block` images.
  func slot(ofImage image: Int) -> Int {
    let place = image - range.lowerBound
    return places[place / windows.block] % windows.blocks * windows.block + place % windows.block
  }
}
