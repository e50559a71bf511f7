import CKernels
import ExptTestSupport
import Foundation
import Testing

/// Lengths around the sixteen lanes.
let oddLengths = [1, 15, 16, 17, 1000]
/// A length that is cut into several tasks.
let severalTasks = 20_001

/// Runs `compute` on every instruction set with 2 threads and on the last with 1 and 5, expects the
/// same bits every time (any NaN equals any other) and returns them.
func everywhere(
  sourceLocation: SourceLocation = #_sourceLocation, _ compute: (OpaquePointer?) -> [Float]
) -> [Float] {
  var first: [Float]?
  for isa in instructionSets {
    for threads in isa == instructionSets.last ? [1, 2, 5] : [2] {
      let pool = TestPool(threads: threads)
      let seen = with(isa) { compute(pool.raw) }
      guard let expected = first else {
        first = seen
        continue
      }
      if let difference = firstBitDifference(seen, expected) {
        Issue.record(
          "\(isa) with \(threads) threads: \(difference)", sourceLocation: sourceLocation)
      }
    }
  }
  return first ?? []
}

private func firstBitDifference(_ seen: [Float], _ expected: [Float]) -> String? {
  guard seen.count == expected.count else { return "\(seen.count) of \(expected.count) elements" }
  if sameBytes(seen, expected) { return nil }
  for (index, pair) in zip(seen, expected).enumerated() {
    let (a, b) = pair
    if a.bitPattern != b.bitPattern && !(a.isNaN && b.isNaN) {
      return "element \(index): seen \(a), expected \(b)"
    }
  }
  return nil
}

private func sameBytes(_ a: [Float], _ b: [Float]) -> Bool {
  let count = a.count
  return a.withUnsafeBytes { a in
    b.withUnsafeBytes { b in
      guard let a = a.baseAddress, let b = b.baseAddress else { return true }
      return memcmp(a, b, 4 * count) == 0
    }
  }
}

/// Expects |seen − expected| ≤ absolute + relative·|expected| everywhere; infinities and NaN must
/// match. Tells the worst element.
func expectClose(
  _ seen: [Float], _ expected: [Double], relative: Double = 1e-6, absolute: Double = 1e-6,
  _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(seen.count == expected.count, sourceLocation: sourceLocation)
  var worst = (excess: 0.0, index: -1)
  for index in 0..<min(seen.count, expected.count) {
    let value = Double(seen[index]), wanted = expected[index]
    if value == wanted || (value.isNaN && wanted.isNaN) { continue }
    let error = abs(value - wanted)
    let excess = error.isNaN ? .infinity : error / (absolute + relative * abs(wanted))
    if excess > worst.excess { worst = (excess, index) }
  }
  guard worst.excess > 1 else { return }
  let (value, wanted) = (seen[worst.index], expected[worst.index])
  Issue.record(
    """
    \(what) element \(worst.index): seen \(value), expected \(wanted), error \
    \(abs(Double(value) - wanted))
    """, sourceLocation: sourceLocation)
}

/// An output of `count` numbers that `body` fills.
func filled(_ count: Int, _ body: (UnsafeMutablePointer<Float>?) -> Void) -> [Float] {
  var memory = [Float](repeating: .nan, count: count)
  memory.withUnsafeMutableBufferPointer { body($0.baseAddress) }
  return memory
}

/// A gradient of `count` numbers: written over rubbish, then added to 0.5, which must give the
/// rounded sum of the two.
func gradient(
  _ count: Int, sourceLocation: SourceLocation = #_sourceLocation, _ body: (ck_gradient) -> Void
) -> [Float] {
  let written = filled(count) { body(ck_gradient(to: $0, add: 0)) }
  var added = [Float](repeating: 0.5, count: count)
  added.withUnsafeMutableBufferPointer { body(ck_gradient(to: $0.baseAddress, add: 1)) }
  for index in 0..<count where added[index] != 0.5 + written[index] && !written[index].isNaN {
    Issue.record(
      "element \(index): added \(added[index]), expected 0.5 + \(written[index])",
      sourceLocation: sourceLocation)
    break
  }
  return written
}

var noGradient: ck_gradient { ck_gradient(to: nil, add: 0) }

/// The derivative of `f` at `x` by central differences, good to about ten digits.
func slope(_ x: Double, _ f: (Double) -> Double) -> Double {
  let h = 1e-5 * max(1, abs(x))
  return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h)
}

extension [Float] {
  /// Row `index` of rows of `size`, in Double.
  func row(_ index: Int, of size: Int) -> [Double] {
    self[index * size..<(index + 1) * size].map(Double.init)
  }
}

/// Test data by one name: `numbers(1000, 3)` are always the same, in −3 ..< 3.
func numbers(_ count: Int, _ scale: Float = 1, seed: UInt64 = 1) -> [Float] {
  var source = SeededGenerator(seed &* 7919 &+ UInt64(count))
  return source.floats(count, times: scale)
}
