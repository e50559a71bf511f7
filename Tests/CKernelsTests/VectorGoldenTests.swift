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
    (CK_UNARY_LOG, 0xe080_cdcd_1374_97dd), (CK_UNARY_LOG1P, 0xfef6_6d2c_9cc5_6bbe),
    (CK_UNARY_TANH, 0xbd9e_1dfa_bd02_7b31), (CK_UNARY_SIGMOID, 0x837b_0222_57b7_acd8),
    (CK_UNARY_SOFTPLUS, 0xbdbf_83ad_d193_c788), (CK_UNARY_ERF, 0x4cf0_2952_e54c_293d),
    (CK_UNARY_GELU, 0xc8d7_ce2f_46b9_5a0a), (CK_UNARY_SIN, 0x1e2e_5a01_6bc9_35b3),
    (CK_UNARY_COS, 0x4f7b_778b_8a5e_0d46), (CK_UNARY_SQRT, 0x0755_ba63_bd15_fc03),
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
  @Test func `noise by logarithms and by rejection`() {
    let shapes = filled(3000) { ck_random_uniform(nil, 5, 6, 7, 3000, $0) }.map { $0 * 4 + 0.01 }
    expect(
      everywhere { pool in filled(3000) { ck_random_exponential(pool, 1, 2, 3, 3000, $0) } },
      0xcf3a_2898_e28d_cd3b)
    expect(
      everywhere { pool in filled(3000) { ck_random_gumbel(pool, 1, 2, 3, 3000, $0) } },
      0x7fb5_2ce9_a67b_aa0d)
    expect(
      everywhere { pool in filled(3000) { ck_random_gamma(pool, 1, 2, 3, 3000, shapes, $0) } },
      0xda7c_b89d_3225_d65c)
  }

  @Test func `sums along an axis, pairs, triangles, orders`() {
    let draws = filled(6000) { ck_random_normal(nil, 1, 2, 3, 6000, $0) }
    expect(
      everywhere { pool in
        filled(240) { ck_log_sum_exp_axis(pool, 12, 25, 20, draws, $0) }
          + filled(6000) { ck_log_softmax_axis(pool, 12, 25, 20, draws, $0) }
      }, 0xb755_f3c9_1ef7_2629)
    expect(
      everywhere { pool in
        var saved = [Float](repeating: 0, count: 2 * 40 * 6)
        return filled(30 * 40 * 6) {
          ck_pairwise_log_density(pool, 30, 40, 6, draws, draws, draws, &saved, $0)
        }
      }, 0x9588_c808_806c_1ee2)
    expect(
      everywhere { pool in
        filled(200) { ck_triangular_product(pool, 10, 20, draws, draws, $0) }
          + filled(200) { ck_triangular_solve(pool, 10, 20, draws, draws, $0) }
      }, 0x6ecf_3f61_d21a_5a61)
    expect(
      everywhere { pool in
        var order = [Float](repeating: 0, count: 6000)
        let sorted = filled(6000) { ck_sort_rows(pool, 4, 1500, draws, $0, &order) }
        let mask = filled(6000) { ck_top_k_mask(pool, 4, 1500, 70, draws, $0) }
        return sorted + order + mask
          + filled(6000) { ck_permutations(pool, 1, 2, 3, 60, 100, $0) }
      }, 0x6029_fbbf_dce2_0a18)
  }
}
