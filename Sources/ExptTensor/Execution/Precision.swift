internal import CKernels

/// What products of matrices, and with them most convolutions, are computed from. Parameters,
/// gradients, sums and everything else are float32 always.
public enum Precision: String, Sendable, CaseIterable {
  case float32
  /// Factors rounded to bfloat16 (8 bits of precision), for processors with AVX-512 BF16. The same
  /// bytes for any number of threads; other bytes than float32's. Convolutions to or from 3 channels
  /// and fewer, and weight gradients of all but 4×4 kernels of stride 2, stay float32.
  case bf16

  /// Whether this machine can compute so, with the instruction set in use.
  public var isAvailable: Bool {
    self == .float32 || InstructionSet.current == .avx512 && ck_precision_available(code) != 0
  }

  /// How many times as fast as float32's this machine's products are, by a probe of a millisecond.
  public var speed: Double { ck_precision_speed(code) }

  var code: ck_precision {
    switch self {
    case .float32: CK_FLOAT32
    case .bf16: CK_BF16
    }
  }
}
