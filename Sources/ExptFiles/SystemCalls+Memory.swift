#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

extension SystemCalls {
  /// Wishes for huge pages where all of a block is about to be filled: fifty megabytes are then
  /// there after two dozen page faults instead of twelve thousand.
  static func preferHugePages(_ memory: UnsafeRawBufferPointer) {
    #if os(Linux)
      let (page, advice) = (4096, Int32(14))  // MADV_HUGEPAGE
      guard let start = memory.baseAddress, memory.count >= 4 << 20 else { return }
      let skipped = (page - Int(bitPattern: start) % page) % page
      _ = madvise(
        UnsafeMutableRawPointer(mutating: start + skipped), memory.count - skipped, advice)
    #endif
  }
}
