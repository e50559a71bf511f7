#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Memory, asked for before an array is made: an array that gets none ends the program.
public enum Memory {
  /// Whether the system has one more block of so many bytes for this process.
  public static func has(_ bytes: Int) -> Bool {
    if bytes < 1 << 24 { return true }
    let access = PROT_READ | PROT_WRITE
    let block = mmap(nil, bytes, access, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let block, block != MAP_FAILED else { return false }
    munmap(block, bytes)
    return true
  }
}

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
