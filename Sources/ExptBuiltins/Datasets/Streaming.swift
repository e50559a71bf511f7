public import ExptComponents

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
}
