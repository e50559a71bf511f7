public import ExptComponents

/// When images are read while they are trained on, not before: `@Group public var streaming = Streaming()`.
///
/// Images that take more than `memory` stay in their file; pictures in that of their cache. Blocks of neighbours
/// are read in an order of each epoch's own, several make a window, and images are shuffled within their window:
/// see `docs/arrays.md`.
public struct Streaming: Settings {
  @Setting(
    "The most memory for pixels, such as 800MB: more of them stay in a file that is read in blocks while it is "
      + "trained on; auto: 4GiB, and 512MiB for such blocks.")
  public var memory: MemoryAmount = .auto
  @Setting("Images of such a block; null: a mebibyte, or less where memory is small.", .atLeast(1))
  public var block: Int? = nil

  public init() {}

  /// The most pixels that are read whole, in bytes.
  var wholeLimit: Int { if case .bytes(let bytes) = memory { bytes } else { 4 << 30 } }

  /// What is in memory of more, in bytes.
  private var windowMemory: Int { if case .bytes(let bytes) = memory { bytes } else { 512 << 20 } }

  /// Blocks are small enough for a window to have 64 of them.
  func stored(_ source: any PixelSource) -> StoredPixels {
    let bytes = min(1 << 20, windowMemory / 8 * 3 / 64)
    return StoredPixels(
      source, memory: windowMemory, block: block ?? max(1, bytes / max(1, source.imageBytes)))
  }

  /// Images to go through all with a piece at a time: some 32 mebibytes, and a quarter of the memory at most.
  func pieces(_ count: Int, imageBytes: Int) -> [Range<Int>] {
    let step = max(1, min(32 << 20, windowMemory / 4) / max(1, imageBytes))
    return stride(from: 0, to: count, by: step).map { $0..<min($0 + step, count) }
  }
}

extension StoredPixels {
  /// How they are trained on: a sentence without its end.
  var reading: String {
    "training reads blocks of \(windows.block) and shuffles the \(windows.images) images of a window"
  }
}
