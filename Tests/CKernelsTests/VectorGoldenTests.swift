import CKernels
import Testing

/// Checksums of what the kernels gave on the machine where they were written (AVX-512, AVX2 and
/// plain C alike), so that another kind of machine shows at once if it computes other bits. A change
/// of a polynomial changes them, and with them every run's bytes: say so in the changelog.
@Suite("Recorded bits")
struct VectorGoldenTests {
  /// FNV-1a over the bit patterns.
  private func checksum(_ values: [Float]) -> UInt64 {
    values.reduce(0xcbf2_9ce4_8422_2325) { hash, value in
      (hash ^ UInt64(value.bitPattern)) &* 0x100_0000_01b3
    }
  }

  private func expect(
    _ values: [Float], _ recorded: UInt64, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let seen = checksum(values)
    #expect(
      seen == recorded, "seen 0x\(String(seen, radix: 16))", sourceLocation: sourceLocation)
  }

  /// Numbers of all sizes for which no function gives NaN.
  private let positive = (1..<2000).map { Float(bitPattern: UInt32($0) * 1_069_000) }

  private static let functions: [(ck_unary_op, UInt64)] = [
    (CK_UNARY_EXP, 0x1d4b_008e_2162_39bd), (CK_UNARY_EXPM1, 0x58cf_6539_619a_b429),
    (CK_UNARY_LOG, 0x052f_784c_2f48_c204), (CK_UNARY_LOG1P, 0x3f31_f448_fc97_625e),
    (CK_UNARY_TANH, 0xbd9e_1dfa_bd02_7b31), (CK_UNARY_SIGMOID, 0x837b_0222_57b7_acd8),
    (CK_UNARY_SOFTPLUS, 0xbdbf_83ad_d193_c788), (CK_UNARY_ERF, 0x6fae_7f6b_302f_afbe),
    (CK_UNARY_GELU, 0xe181_80c5_2b2e_cc4a), (CK_UNARY_SIN, 0x62d1_292a_b776_4c93),
    (CK_UNARY_COS, 0x4f7b_778b_8a5e_0d46), (CK_UNARY_SQRT, 0x3b90_567d_0795_e0e7),
  ]

  @Test(arguments: functions)
  func `elementary functions`(_ function: (ck_unary_op, UInt64)) {
    let (op, recorded) = function
    let n = positive.count
    let seen = everywhere { pool in filled(n) { ck_unary(pool, op, 0, 0, n, positive, $0) } }
    expect(seen, recorded)
  }

  @Test func `random numbers`() {
    expect(
      everywhere { pool in filled(5000) { ck_random_uniform(pool, 1, 2, 3, 5000, $0) } },
      0xe356_2b47_e284_d3ec)
    expect(
      everywhere { pool in filled(5000) { ck_random_normal(pool, 1, 2, 3, 5000, $0) } },
      0x11e5_3818_1a4e_f436)
  }

  @Test func `sums, losses and optimizers`() {
    let draws = filled(6000) { ck_random_normal(nil, 1, 2, 3, 6000, $0) }
    let grey = filled(6000) { ck_random_uniform(nil, 1, 2, 4, 6000, $0) }
    expect(everywhere { pool in [Float(ck_sum(pool, 6000, draws))] }, 0x7b58_6ebe_0692_80a2)
    let columns = everywhere { pool in
      gradient(20) { ck_sum_columns(pool, 300, 20, draws, $0) }
    }
    expect(columns, 0x8987_825c_02c8_4b69)
    let loss = everywhere { pool in
      filled(20) { ck_bernoulli_nll(pool, 20, 300, draws, grey, $0, nil) }
    }
    expect(loss, 0x5936_2e82_dfa5_248c)
    let adam = everywhere { pool in
      var p = draws, mean = [Float](repeating: 0, count: 6000), square = mean
      let step = ck_step(learning_rate: 1e-3, weight_decay: 0, gradient_scale: 1)
      for count in 1...3 {
        ck_adam(pool, 6000, step, 0.9, 0.999, 1e-8, count, grey, &p, &mean, &square)
      }
      return p + mean + square
    }
    expect(adam, 0xd208_a2cb_846a_1466)
  }
}
