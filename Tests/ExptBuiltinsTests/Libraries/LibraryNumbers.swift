import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@testable import ExptBuiltins

// Expected numbers are other libraries', printed by Tests/Python/libraries.py, which tells their versions
// and where their conventions are not expt's: TensorFlow Probability on JAX (0.26.0.dev20261027), scvi-tools
// (1.4.2), vector-quantize-pytorch (1.32.0), SAELens (6.54.12), pythae (0.1.2), pytorch-msssim (1.0.0),
// POT (0.9.7.post1) and optax (0.2.8). They are of double precision, but for the codebooks.

/// To 1e-5 of each number, or of 0.1 where it is smaller.
func expectSame(
  _ seen: [Float], _ expected: [Double], _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let isSame =
    seen.count == expected.count
    && zip(seen, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 * max(abs($1), 0.1) }
  #expect(isSame, "\(what): \(seen), not \(expected)", sourceLocation: sourceLocation)
}

/// To 1e-5 of the largest.
func expectGradient(
  _ seen: [Float], _ expected: [Double], _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = largestError(seen, expected)
  #expect(
    error < 1e-5, "\(what) is \(error) off: \(seen), not \(expected)",
    sourceLocation: sourceLocation)
}
