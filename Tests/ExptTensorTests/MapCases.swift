import ExptTensor
import ExptTesting

/// Operations on maps: pooling, pixels and channels, and products of each example.
let mapCases: [OperationCase] = [
  averaged(PoolingGeometry(kernel: 2)), averaged(PoolingGeometry(kernel: 3, stride: 2, padding: 1)),
  averaged(PoolingGeometry(kernel: 2, stride: 1, padding: 1)),
  largest(PoolingGeometry(kernel: 2)), largest(PoolingGeometry(kernel: 3, stride: 2, padding: 1)),
  shuffled, unshuffled,
  product(false, false), product(true, false), product(false, true), product(true, true),
]

/// The pixels of each window, plane by plane: those inside the image.
private func windows(
  _ g: PoolingGeometry, planes: Int, height: Int, width: Int
) -> [[Int]] {
  func places(_ window: Int, _ size: Int) -> [Int] {
    (0..<g.kernel).map { window * g.stride - g.padding + $0 }.filter { (0..<size).contains($0) }
  }
  let rows = (height + 2 * g.padding - g.kernel) / g.stride + 1
  let columns = (width + 2 * g.padding - g.kernel) / g.stride + 1
  return (0..<planes).flatMap { plane in
    (0..<rows).flatMap { row in
      (0..<columns).map { column in
        places(row, height).flatMap { i in
          places(column, width).map { plane * height * width + i * width + $0 }
        }
      }
    }
  }
}

private func averaged(_ g: PoolingGeometry) -> OperationCase {
  OperationCase(
    "avg_pool \(g.kernel)/\(g.stride)/\(g.padding)",
    inputs: { b, d in [.normal([b, 2, 5, d + 2])] },
    expected: { x, b, d in
      windows(g, planes: 2 * b, height: 5, width: d + 2).map { places in
        places.reduce(0) { $0 + x[0][$1] } / Double(places.count)
      }
    }, build: { averagePool($1[0], g) })
}

private func largest(_ g: PoolingGeometry) -> OperationCase {
  OperationCase(
    "max_pool \(g.kernel)/\(g.stride)/\(g.padding)",
    // Far apart, so that no difference goes over a kink.
    inputs: { b, d in [.uniform([b, 2, 5, d + 2], -30...30)] },
    expected: { x, b, d in
      windows(g, planes: 2 * b, height: 5, width: d + 2).map { places in
        places.map { x[0][$0] }.max() ?? .nan
      }
    }, build: { maxPool($1[0], g) }
  ).with { $0.seed = 2 }
}

private let shuffled = OperationCase(
  "pixel_shuffle", inputs: { b, d in [.normal([b, 2 * 9, 2, d])] },
  expected: { x, b, d in
    (0..<b * 2 * 6 * 3 * d).map { at in
      let (column, row, channel) = (at % (3 * d), at / (3 * d) % 6, at / (3 * d) / 6)
      let small = channel * 9 + row % 3 * 3 + column % 3
      return x[0][(small * 2 + row / 3) * d + column / 3]
    }
  }, build: { pixelShuffle($1[0], by: 3) })

private let unshuffled = OperationCase(
  "pixel_unshuffle", inputs: { b, d in [.normal([b, 3, 4, 2 * d])] },
  expected: { x, b, d in
    (0..<b * 12 * 2 * d).map { at in
      let (column, row, small) = (at % d, at / d % 2, at / d / 2)
      let (channel, i, j) = (small / 4, small / 2 % 2, small % 2)
      return x[0][(channel * 4 + 2 * row + i) * 2 * d + 2 * column + j]
    }
  }, build: { pixelUnshuffle($1[0], by: 2) })

private func product(_ transposeA: Bool, _ transposeB: Bool) -> OperationCase {
  OperationCase(
    "batched_matmul\(transposeA ? ", a transposed" : "")\(transposeB ? ", b transposed" : "")",
    inputs: { b, d in
      [
        .normal(transposeA ? [b, 7, d] : [b, d, 7]), .normal(transposeB ? [b, 5, 7] : [b, 7, 5]),
      ]
    },
    expected: { x, b, d in
      (0..<b * d * 5).map { at in
        let (example, row, column) = (at / (5 * d), at / 5 % d, at % 5)
        return (0..<7).reduce(0) { sum, k in
          let a = transposeA ? (example * 7 + k) * d + row : (example * d + row) * 7 + k
          let c = transposeB ? (example * 5 + column) * 7 + k : (example * 7 + k) * 5 + column
          return sum + x[0][a] * x[1][c]
        }
      }
    },
    build: { batchedMatmul($1[0], $1[1], transposeA: transposeA, transposeB: transposeB) })
}
