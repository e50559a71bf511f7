import ExptTensor
import ExptTesting
import Foundation

/// Row numbers below `rows`, from numbers in 0 … 1.
private func numbers(_ x: Tensor, below rows: Int) -> Tensor { floor(x * (Float(rows) - 0.001)) }

private func numbers(_ x: [Double], below rows: Int) -> [Int] {
  x.map { Int((Float($0) * (Float(rows) - 0.001)).rounded(.down)) }
}

private func row(_ x: [Double], _ index: Int, _ d: Int) -> ArraySlice<Double> {
  x[index * d..<(index + 1) * d]
}

private func logDensity(_ z: Double, _ mean: Double, _ logVariance: Double) -> Double {
  -0.5 * (pow(z - mean, 2) * exp(-logVariance) + logVariance + log(2 * Double.pi))
}

let rowCases: [OperationCase] = [
  OperationCase(
    "rows", inputs: { b, d in [.normal([b + 3, d])] },
    expected: { x, b, d in Array(x[0][2 * d..<(b + 2) * d]) },
    build: { $1[0].rows(2..<$1[0].shape[0] - 1) }),
  OperationCase(
    "concatenate_rows", inputs: { b, d in [.normal([b, d, 2]), .normal([2, d, 2])] },
    expected: { x, _, _ in x[0] + x[1] }, build: { concatenateRows($1[0], $1[1]) }),
  OperationCase(
    "tile_rows", inputs: { b, d in [.normal([b, d])] }, expected: { x, _, _ in x[0] + x[0] + x[0] },
    build: { $1[0].tiledRows(3) }),
  OperationCase(
    "transpose", inputs: { b, d in [.normal([b, d])] },
    expected: { x, b, d in (0..<b * d).map { x[0][$0 % b * d + $0 / b] } },
    build: { $1[0].transposed() }),
  OperationCase(
    "transpose of each example", inputs: { b, d in [.normal([b, 3, d])] },
    expected: { x, b, d in
      (0..<b * 3 * d).map { place in
        let (example, at) = (place / (3 * d), place % (3 * d))
        return x[0][example * 3 * d + at % 3 * d + at / 3]
      }
    }, build: { $1[0].transposed() }),
  OperationCase(
    "covariance", inputs: { b, d in [.normal([b + 1, 7])] },
    expected: { x, b, _ in
      let count = Double(b + 1)
      let means = (0..<7).map { c in (0...b).reduce(0) { $0 + x[0][$1 * 7 + c] } / count }
      return (0..<49).map { place in
        let (i, j) = (place / 7, place % 7)
        return (0...b).reduce(0) {
          $0 + (x[0][$1 * 7 + i] - means[i]) * (x[0][$1 * 7 + j] - means[j])
        } / count
      }
    }, build: { $1[0].covarianceOverBatch() }),
  OperationCase(
    "gather_rows", inputs: { b, d in [.normal([5, d]), .fixed([3 * b], 0...1)] },
    expected: { x, b, d in numbers(x[1], below: 5).flatMap { row(x[0], $0, d) } },
    build: { $1[0].gatheredRows(numbers($1[1], below: 5)) }),
  OperationCase(
    "scatter_rows", inputs: { b, d in [.normal([3 * b, d]), .fixed([3 * b], 0...1)] },
    expected: { x, b, d in
      var sums = [Double](repeating: 0, count: 6 * d)
      for (index, number) in numbers(x[1], below: 5).enumerated() {
        for c in 0..<d { sums[number * d + c] += x[0][index * d + c] }
      }
      return sums
    }, build: { $1[0].scatteredRows(numbers($1[1], below: 5), count: 6) }),
  OperationCase(
    "sort_rows", inputs: { b, d in [.normal([b, d])] },
    expected: { x, b, d in (0..<b).flatMap { row(x[0], $0, d).sorted() } },
    build: { $1[0].sortedRows() }
  ).with { $0.epsilon = 1e-3 },
  OperationCase(
    "x·top_mask", inputs: { b, d in [.normal([b, d + 4])] },
    expected: { x, b, d in
      (0..<b).flatMap { example -> [Double] in
        let values = row(x[0], example, d + 4)
        let least = values.sorted(by: >)[3]
        return values.map { $0 >= least ? $0 : 0 }
      }
    }, build: { $1[0] * $1[0].topMask(4) }
  ).with { $0.epsilon = 1e-3 },
  OperationCase(
    "rectified_top", inputs: { b, d in [.normal([b, d + 4])] },
    expected: { x, b, d in
      (0..<b).flatMap { example -> [Double] in
        let values = row(x[0], example, d + 4)
        let least = values.sorted(by: >)[3]
        return values.map { $0 >= least ? max(0, $0) : 0 }
      }
    }, build: { $1[0].rectifiedTop(4) }
  ).with { $0.epsilon = 1e-3 },
  OperationCase(
    "sparse_rows_product",
    inputs: { b, d in [.normal([b, d]), .normal([9, d]), .normal([9]), .normal([9, 5])] },
    expected: { x, b, d in
      (0..<b).flatMap { example -> [Double] in
        let values = (0..<9).map { unit in
          (0..<d).reduce(x[2][unit]) { $0 + x[0][example * d + $1] * x[1][unit * d + $1] }
        }
        let least = values.sorted(by: >)[3]
        return (0..<5).map { column in
          (0..<9).reduce(0.0) { sum, unit in
            values[unit] >= least ? sum + max(0, values[unit]) * x[3][unit * 5 + column] : sum
          }
        }
      }
    },
    build: {
      greatestOfLinear($1[0], weight: $1[1], bias: $1[2], count: 4).greatest.product($1[3])
    }
  ).with { $0.epsilon = 1e-3 },
  OperationCase(
    "pairwise_log_density",
    inputs: { b, d in [.normal([b, 11]), .normal([d, 11]), .uniform([d, 11], -1...1)] },
    expected: { x, b, d in
      (0..<b * d * 11).map { place in
        let (i, j, k) = (place / (11 * d), place / 11 % d, place % 11)
        return logDensity(x[0][i * 11 + k], x[1][j * 11 + k], x[2][j * 11 + k])
      }
    }, build: { pairwiseGaussianLogDensity($1[0], mean: $1[1], logVariance: $1[2]) }),
  OperationCase(
    "aggregate_log_density",
    inputs: { b, d in
      [.normal([b, 5]), .normal([d, 5]), .uniform([d, 5], -1...1), .fixed([b, d], -2...0)]
    },
    expected: { x, b, d in
      (0..<b).flatMap { i in
        (0...5).map { k in
          let logs = (0..<d).map { j in
            (k < 5 ? k..<k + 1 : 0..<5).reduce(x[3][i * d + j]) {
              $0 + logDensity(x[0][i * 5 + $1], x[1][j * 5 + $1], x[2][j * 5 + $1])
            }
          }
          let top = logs.max() ?? 0
          return top + log(logs.reduce(0) { $0 + exp($1 - top) })
        }
      }
    },
    build: {
      aggregateGaussianLogDensity(
        $1[0], mean: $1[1], logVariance: $1[2], logWeights: $1[3])
    }),
  OperationCase(
    "triangular_product", inputs: { b, _ in [.normal([b, 171]), .normal([b, 18])] },
    expected: { x, b, _ in
      (0..<b * 18).map { place in
        let (example, i) = (place / 18, place % 18)
        return (0...i).reduce(0) {
          $0 + x[0][example * 171 + i * (i + 1) / 2 + $1] * x[1][example * 18 + $1]
        }
      }
    }, build: { triangularProduct($1[0], $1[1]) }),
  OperationCase(
    // A diagonal of 1.5 … 2.5, as of a Cholesky factor, and small numbers below it.
    "triangular_solve", inputs: { b, _ in [.uniform([b, 171], -0.5...0.5), .normal([b, 18])] },
    expected: { x, b, _ in
      var y = x[1]
      for example in 0..<b {
        for i in 0..<18 {
          let row = example * 171 + i * (i + 1) / 2
          let known = (0..<i).reduce(0) { $0 + 0.2 * x[0][row + $1] * y[example * 18 + $1] }
          y[example * 18 + i] = (y[example * 18 + i] - known) / (0.2 * x[0][row + i] + 2)
        }
      }
      return y
    },
    build: { graph, x in
      let diagonal = (0..<171).map { place -> Float in
        (0..<18).contains { $0 * ($0 + 1) / 2 + $0 == place } ? 2 : 0
      }
      return triangularSolve(x[0] * 0.2 + graph.constant(diagonal, [171]), x[1])
    }),
]
