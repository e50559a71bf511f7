import Foundation

/// Counts memory allocations in training steps, by all threads but those that are left out.
///
/// The first epoch is counted apart: plans are made and buffers grow in it. What counts are
/// functions that some library in the process has: see `Sources/CAllocations`.
public struct StepAllocations: Sendable {
  private var first = Count()
  private var later = Count()
  private var atBegin: UInt64 = 0

  private struct Count {
    var allocations: UInt64 = 0
    var steps = 0
    mutating func add(_ count: UInt64) {
      allocations += count
      steps += 1
    }
    var perStep: Double? { steps > 0 ? Double(allocations) / Double(steps) : nil }
  }

  /// Allocations a step in the first epoch; nil if nothing counts them.
  public var inFirstEpoch: Double? { first.perStep }
  /// Allocations a step in all other epochs; nil if nothing counts them, or there were none.
  public var afterwards: Double? { later.perStep }

  /// All allocations of the process so far; nil if nothing counts them.
  public var total: Int? { Self.counter.map { Int($0()) } }

  mutating func stepBegan() {
    if let counter = Self.counter { atBegin = counter() }
  }

  mutating func stepEnded(epoch: Int) {
    guard let counter = Self.counter else { return }
    let count = counter() - atBegin
    if epoch == 1 { first.add(count) } else { later.add(count) }
  }

  /// For a thread that works beside the steps.
  static func leaveOutThisThread() { leaveOut?() }

  private static let leaveOut: (@convention(c) () -> Void)? = {
    guard let symbol = dlsym(nil, "expt_allocations_leave_out") else { return nil }
    return unsafeBitCast(symbol, to: (@convention(c) () -> Void).self)
  }()

  private typealias Counter = @convention(c) () -> UInt64

  private static let counter: Counter? = {
    guard let symbol = dlsym(nil, "expt_allocation_count") else { return nil }
    return unsafeBitCast(symbol, to: Counter.self)
  }()
}
