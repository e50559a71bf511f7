internal import CKernels

/// The instruction sets the kernels are built for. They give the same bytes; they differ in speed.
public enum InstructionSet: String, Sendable, CaseIterable {
  case portable, neon, avx2, avx512

  /// The one the kernels use now: the machine's best unless another was selected.
  public static var current: InstructionSet { InstructionSet(ck_isa_current()) }

  /// Those that this machine can run.
  public static var available: [InstructionSet] {
    allCases.filter { ck_isa_available($0.code) != 0 }
  }

  /// Makes every later kernel use this one. Call it while nothing is being computed.
  ///
  /// - Returns: Whether this machine can run it; if not, nothing changes.
  @discardableResult
  public func select() -> Bool { ck_isa_select(code) == 0 }

  private var code: ck_isa {
    switch self {
    case .portable: CK_ISA_PORTABLE
    case .neon: CK_ISA_NEON
    case .avx2: CK_ISA_AVX2
    case .avx512: CK_ISA_AVX512
    }
  }

  private init(_ code: ck_isa) {
    self = Self.allCases.first { $0.code == code } ?? .portable
  }
}
