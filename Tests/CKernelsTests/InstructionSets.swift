import CKernels
import Synchronization

/// The instruction sets this build and machine can run, the portable one first.
let instructionSets: [ck_isa] = [CK_ISA_PORTABLE, CK_ISA_NEON, CK_ISA_AVX2, CK_ISA_AVX512]
  .filter { ck_isa_available($0) != 0 }

private let selection = Mutex(())

/// Runs `body` with `isa` selected, one call at a time: the choice is global.
func with<Result>(_ isa: ck_isa, _ body: () throws -> Result) rethrows -> Result {
  try selection.withLock { _ in
    let before = ck_isa_current()
    _ = ck_isa_select(isa)
    defer { _ = ck_isa_select(before) }
    return try body()
  }
}

/// A pool of C threads that ends with its owner; `raw` is nil for one thread.
final class TestPool {
  let raw: OpaquePointer?
  init(threads: Int) { raw = threads > 1 ? ck_pool_create(Int32(threads)) : nil }
  deinit { if let raw { ck_pool_destroy(raw) } }
}

/// Pseudo-random floats in [-1, 1) for test data (SplitMix64).
struct TestNumbers {
  var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> Float {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    z ^= z >> 31
    return Float(Int32(truncatingIfNeeded: z >> 40)) * 0x1p-23 - 1
  }

  mutating func array(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }
}

/// The first element whose bits differ, in words; nil when all are equal.
func firstDifference(_ seen: [Float], _ expected: [Float]) -> String? {
  if seen.count != expected.count { return "\(seen.count) elements, expected \(expected.count)" }
  for i in seen.indices where seen[i].bitPattern != expected[i].bitPattern {
    return "element \(i): seen \(seen[i]), expected \(expected[i])"
  }
  return nil
}
