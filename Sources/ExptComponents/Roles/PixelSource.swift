/// Where the pixels of images come from that do not lie in memory as they are: a file that is too large for
/// it, or bits.
///
/// Images are had from any thread, and are the same each time. An image is `size` values, one after another.
public protocol PixelSource: Sendable {
  /// How many images there are.
  var count: Int { get }
  /// The values of an image.
  var size: Int { get }
  /// Whether values are bytes, 0 … 255 meaning 0 … 1; else they are Floats as they are.
  var holdsBytes: Bool { get }
  /// Whether any image is had as quickly as the next one. Epochs are then shuffled whole, else by blocks.
  var isInMemory: Bool { get }

  /// Writes some images, one after another, to the front of `target`.
  ///
  /// - Throws: What is wrong with the file, also if it is no longer what it was when it was opened.
  func read(
    _ images: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws(DataProblem)
}

extension PixelSource {
  /// The bytes of an image in memory.
  public var imageBytes: Int { size * (holdsBytes ? 1 : MemoryLayout<Float>.size) }
}

/// How images that are not in memory are brought there: in windows of several blocks, one window in use while
/// the next one is read.
public struct PixelWindows: Sendable, Hashable {
  /// The images of a block, neighbours in the file; the last block may have fewer.
  public let block: Int
  /// The blocks of a window.
  public let blocks: Int

  /// The images of a window.
  public var images: Int { block * blocks }

  /// - Parameters:
  ///   - memory: Bytes that may be in memory. Both windows together take three quarters of them: the rest is
  ///     for what else is read, such as test images.
  ///   - block: nil: as many images as make a mebibyte.
  public init(memory: Int, block: Int?, imageBytes: Int) {
    let bytes = max(1, imageBytes)
    let fitting = max(1, memory / 8 * 3 / bytes)
    self.block = min(fitting, max(1, block ?? (1 << 20) / bytes))
    blocks = max(1, fitting / self.block)
  }
}
