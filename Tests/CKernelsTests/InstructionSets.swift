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

/// The first element whose bits differ, in words; nil when all are equal.
func firstDifference(_ seen: [Float], _ expected: [Float]) -> String? {
  if seen.count != expected.count { return "\(seen.count) elements, expected \(expected.count)" }
  for i in seen.indices where seen[i].bitPattern != expected[i].bitPattern {
    return "element \(i): seen \(seen[i]), expected \(expected[i])"
  }
  return nil
}
