import CKernels
import Foundation
import Testing

private let tables = [(1, 1), (3, 15), (60, 300), (128, 20), (300, 17), (5, 2500), (200, 70)]
private let images = [(1, 1, 2), (4, 3, 1), (2, 5, 16), (8, 50, 49), (3, 2, 1100), (20, 1, 300)]

@Suite("Reductions")
struct VectorReduceTests {
  @Test(arguments: oddLengths + [0, severalTasks])
  func `sums over everything`(n: Int) {
    let x = numbers(n)
    let sums = everywhere { pool in
      [Float(ck_sum(pool, n, x)), Float(ck_sum_of_squares(pool, n, x))]
    }
    let exact = [
      x.reduce(0.0) { $0 + Double($1) }, x.reduce(0.0) { $0 + Double($1) * Double($1) },
    ]
    expectClose(sums, exact, relative: 1e-6, absolute: 1e-6 * Double(n).squareRoot())
  }

  @Test func `a sum is the documented chain, bit for bit`() {
    let x = numbers(10_000)
    var total = 0.0
    for chunk in stride(from: 0, to: x.count, by: 4096) {
      var sum = 0.0
      for block in stride(from: chunk, to: min(chunk + 4096, x.count), by: 1024) {
        var lanes = [Float](repeating: 0, count: 16)
        for i in block..<min(block + 1024, chunk + 4096, x.count) {
          lanes[(i - block) % 16] += x[i]
        }
        for step in [8, 4, 2, 1] { for l in 0..<step { lanes[l] += lanes[l + step] } }
        sum += Double(lanes[0])
      }
      total += sum
    }
    for isa in instructionSets { with(isa) { #expect(ck_sum(nil, x.count, x) == total) } }
  }

  @Test(arguments: oddLengths + [severalTasks])
  func `the first number that is not finite is found wherever it is`(n: Int) {
    var x = numbers(n)
    func find() -> Int {
      let found = everywhere { pool in [Float(ck_first_not_finite(pool, n, x))] }
      return Int(found[0])
    }
    #expect(find() == -1)
    x[n - 1] = -.infinity
    #expect(find() == n - 1)
    x[n / 2] = .nan
    #expect(find() == n / 2)
    x[0] = .greatestFiniteMagnitude
    #expect(find() == (n == 1 ? -1 : n / 2))
  }

  @Test(arguments: tables)
  func `sums and means of rows and columns, and their gradients`(rows: Int, cols: Int) {
    let x = numbers(rows * cols), byRow = numbers(rows, seed: 2), byCol = numbers(cols, seed: 3)
    let rowSums = everywhere { pool in filled(rows) { ck_sum_rows(pool, rows, cols, x, $0) } }
    expectClose(rowSums, (0..<rows).map { x.row($0, of: cols).reduce(0, +) }, absolute: 3e-6)
    let columnSums = everywhere { pool in
      gradient(cols) { ck_sum_columns(pool, rows, cols, x, $0) }
    }
    let exact = (0..<cols).map { c in (0..<rows).reduce(0.0) { $0 + Double(x[$1 * cols + c]) } }
    expectClose(columnSums, exact, absolute: 1e-5)
    let spreadRows = everywhere { pool in
      gradient(x.count) { ck_spread_rows(pool, rows, cols, 0.5, byRow, $0) }
    }
    #expect(spreadRows == x.indices.map { 0.5 * byRow[$0 / cols] })
    let spreadColumns = everywhere { pool in
      gradient(x.count) { ck_spread_columns(pool, rows, cols, 0.5, byCol, $0) }
    }
    #expect(spreadColumns == x.indices.map { 0.5 * byCol[$0 % cols] })
  }

  @Test(arguments: images)
  func `sums of channels`(batch: Int, channels: Int, inner: Int) {
    let x = numbers(batch * channels * inner)
    let sums = everywhere { pool in
      gradient(channels) { ck_sum_channels(pool, batch, channels, inner, x, $0) }
    }
    var exact = [Double](repeating: 0, count: channels)
    for (index, value) in x.enumerated() { exact[index / inner % channels] += Double(value) }
    expectClose(sums, exact, absolute: 1e-5)
  }

  @Test(arguments: tables)
  func `maximum, log-sum-exp and softmax of rows, and their gradients`(rows: Int, cols: Int) {
    let x = numbers(rows * cols, 5), g = numbers(rows, seed: 2), dy = numbers(x.count, seed: 3)
    let largest = everywhere { pool in filled(rows) { ck_max_rows(pool, rows, cols, x, $0) } }
    expectClose(
      largest, (0..<rows).map { x.row($0, of: cols).max() ?? 0 }, relative: 0, absolute: 0)
    let logs = everywhere { pool in filled(rows) { ck_log_sum_exp(pool, rows, cols, x, $0) } }
    let exactLogs = (0..<rows).map { log(x.row($0, of: cols).reduce(0) { $0 + exp($1) }) }
    expectClose(logs, exactLogs)
    let weights = everywhere { pool in filled(x.count) { ck_softmax(pool, rows, cols, x, $0) } }
    let exact = x.indices.map { exp(Double(x[$0]) - exactLogs[$0 / cols]) }
    expectClose(weights, exact, relative: 2e-6, absolute: 0)
    let byLog = everywhere { pool in
      gradient(x.count) { ck_log_sum_exp_backward(pool, rows, cols, x, logs, g, $0) }
    }
    expectClose(byLog, x.indices.map { Double(g[$0 / cols]) * exact[$0] })
    let bySoftmax = everywhere { pool in
      gradient(x.count) { ck_softmax_backward(pool, rows, cols, weights, dy, $0) }
    }
    let means = (0..<rows).map { r in
      (r * cols..<(r + 1) * cols).reduce(0.0) { $0 + exact[$1] * Double(dy[$1]) }
    }
    expectClose(bySoftmax, x.indices.map { exact[$0] * (Double(dy[$0]) - means[$0 / cols]) })
  }

  @Test func `log-sum-exp of huge, tiny, infinite and NaN rows`() {
    let rows: [[Float]] = [
      [1e38, 1e38], [-1e38, -1e38], [-.infinity, -.infinity], [-.infinity, 3], [.infinity, 0],
      [.nan, 0], [0, .nan],
    ]
    let x = rows.flatMap { $0 }
    let seen = everywhere { pool in filled(7) { ck_log_sum_exp(pool, 7, 2, x, $0) } }
    #expect(Array(seen[0..<5]) == [1e38, -1e38, -.infinity, 3, .infinity])
    #expect(seen[5].isNaN && seen[6].isNaN)
    let largest = everywhere { pool in filled(7) { ck_max_rows(pool, 7, 2, x, $0) } }
    #expect(Array(largest[0..<5]) == [1e38, -1e38, -.infinity, 3, .infinity])
    #expect(largest[5].isNaN && largest[6].isNaN)
  }

  static let activations: [(ck_activation, Float)] = [
    (CK_ACTIVATION_NONE, 0), (CK_ACTIVATION_RELU, 0), (CK_ACTIVATION_LEAKY_RELU, 0.2),
    (CK_ACTIVATION_TANH, 0), (CK_ACTIVATION_SIGMOID, 0), (CK_ACTIVATION_ELU, 0.7),
    (CK_ACTIVATION_SOFTPLUS, 0),
  ]

  @Test(arguments: activations, images + [(130, 150, 1)])
  func `an activation's derivative and the bias gradient in one pass`(
    _ activation: (ck_activation, Float), _ shape: (Int, Int, Int)
  ) {
    let (kind, slope) = activation
    let (batch, channels, inner) = shape
    let x = numbers(batch * channels * inner, 3), dy = numbers(x.count, seed: 2)
    let op = ck_unary_op(kind.rawValue)
    let y = filled(x.count) { ck_unary(nil, op, slope, 0, x.count, x, $0) }
    let plain = gradient(x.count) { ck_unary_backward(nil, op, slope, 0, x.count, x, y, dy, $0) }
    var exact = [Double](repeating: 0, count: channels)
    for (index, value) in plain.enumerated() { exact[index / inner % channels] += Double(value) }
    let bias = everywhere { pool in
      gradient(channels) { to in
        var dz = dy  // in place
        ck_activation_backward_channel_bias(
          pool, kind, slope, batch, channels, inner, y, dz, &dz, to)
        #expect(dz == plain)
      }
    }
    expectClose(bias, exact, absolute: 1e-5)
    let biasAlone = gradient(channels) {
      ck_activation_backward_channel_bias(
        nil, kind, slope, batch, channels, inner, y, dy, nil, $0)
    }
    #expect(biasAlone == bias)
  }

  @Test func `which derivatives follow from the output`() {
    #expect(
      Self.activations.allSatisfy { ck_activation_facts_of(Int32($0.0.rawValue)).from_output == 1 })
    for kind in [CK_ACTIVATION_GELU, CK_ACTIVATION_GELU_TANH, CK_ACTIVATION_SILU] {
      #expect(ck_activation_facts_of(Int32(kind.rawValue)).from_output == 0)
    }
  }
}
