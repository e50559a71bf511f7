/// Float memory on 64-byte boundaries, filled with zeros.
enum AlignedMemory {
  static let alignment = 64

  /// Memory for `count` numbers, at least one, so that there is always an address.
  static func allocate(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    let raw = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: alignment)
    let memory = raw.bindMemory(to: Float.self)
    memory.initialize(repeating: 0)
    return UnsafeMutableBufferPointer(rebasing: memory[..<count])
  }

  static func free(_ memory: UnsafeMutableBufferPointer<Float>) {
    memory.baseAddress.map { UnsafeMutableRawPointer($0).deallocate() }
  }

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
