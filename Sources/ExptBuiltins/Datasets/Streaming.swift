public import ExptComponents
import ExptFiles
import ExptTensor

/// When images are read while they are trained on, not before: `@Group public var streaming = Streaming()`.
///
/// Images of a file larger than `memory` stay there. Blocks of neighbours are read in an order of each epoch's
/// own, several make a window, and images are shuffled within their window: see `docs/arrays.md`.
public struct Streaming: Settings {
  @Setting(
    "The most memory for pixels, such as 800MB: a larger file is read in blocks while it is trained on; auto: "
      + "4GiB, and 512MiB for the blocks of a larger file.")
  public var memory: MemoryAmount = .auto
  @Setting("Images of such a block; null: a mebibyte, or less where memory is small.", .atLeast(1))
  public var block: Int? = nil

  public init() {}

  /// The largest file that is read whole, in bytes.
  var wholeLimit: Int { if case .bytes(let bytes) = memory { bytes } else { 4 << 30 } }

  /// What is in memory of a larger one, in bytes.
  private var windowMemory: Int { if case .bytes(let bytes) = memory { bytes } else { 512 << 20 } }

  /// Blocks are small enough for a window to have 64 of them.
  func stored(_ source: any PixelSource) -> StoredPixels {
    let bytes = min(1 << 20, windowMemory / 8 * 3 / 64)
    return StoredPixels(
      source, memory: windowMemory, block: block ?? max(1, bytes / max(1, source.imageBytes)))
  }

  /// Images of bytes in a `.npy` file [n, channels, height, width], such as a cache: in memory, or where they
  /// are too many for that, in the file.
  ///
  /// - Throws: What is wrong with the file; that it holds something else.
  public func images(ofCache path: String) throws(DataProblem) -> ImageSet {
    let file = try DataProblem.translating { () throws(FileProblem) in try NPYFile(path) }
    guard file.type == .u8, file.shape.count == 4 else {
      throw DataProblem(
        .malformed, "\(path): holds no bytes [n, channels, height, width], but \(file.shape)")
    }
    let image = try Shape.image(Array(file.shape.dropFirst()), title: path)
    let source = ArraySource(file, .levels, image: image, isChannelsLast: false)
    let stored = stored(source)
    let isWhole = file.byteCount <= wholeLimit
    let set = ImageSet(
      shape: image, count: file.shape[0],
      pixels: isWhole ? stored.pixels(0..<file.shape[0]) : .stored(stored), source: path)
    if let problem = stored.problem { throw problem }
    return set
  }
}
