internal import CKernels

/// Float memory on 64-byte boundaries, filled with zeros; large blocks in huge pages.
public enum AlignedMemory {
  /// Memory for `count` numbers, at least one, so that there is always an address.
  public static func allocate(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    let raw = ck_memory_allocate(byteCount(max(1, count)))
    let start = raw?.bindMemory(to: Float.self, capacity: max(1, count))
    return UnsafeMutableBufferPointer(start: start, count: count)
  }

  /// Gives back what `allocate` gave.
  public static func free(_ memory: UnsafeMutableBufferPointer<Float>) {
    ck_memory_free(memory.baseAddress, byteCount(max(1, memory.count)))
  }

  /// Lets arrays of a MiB or more go back to the system as soon as they are freed. For the start of a
  /// program; it holds for the whole process.
  public static func returnLargeBlocks() { ck_memory_return_large_blocks() }

  private static func byteCount(_ count: Int) -> Int { count * MemoryLayout<Float>.stride }

  static func base(_ memory: UnsafeMutableBufferPointer<Float>) -> UnsafeMutablePointer<Float> {
    guard let base = memory.baseAddress else { preconditionFailure("memory without an address") }
    return base
  }
}

/// The working memory that the plans of one run share: as large as the largest of them needs.
///
/// Plans run one at a time, so what a plan left in the arena is gone once another has run.
public final class Arena {
  private var memory = AlignedMemory.allocate(0)
  private(set) var generation = 0

  public init() {}
  deinit { AlignedMemory.free(memory) }

  public var byteCount: Int { memory.count * MemoryLayout<Float>.stride }

  /// Makes room for `count` numbers. Growing moves the memory and starts a new generation.
  func reserve(_ count: Int) {
    guard count > memory.count else { return }
    AlignedMemory.free(memory)
    memory = AlignedMemory.allocate(count)
    generation += 1
  }

  var base: UnsafeMutablePointer<Float> { AlignedMemory.base(memory) }
}
