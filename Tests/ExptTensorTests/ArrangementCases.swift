import ExptTensor
import ExptTesting

let arrangementCases: [OperationCase] = [
  columns, channels, joined, repeated, enlarged, dropped, constants,
]

private let columns = OperationCase(
  "columns", inputs: { b, d in [.normal([b, d + 3])] },
  expected: { x, b, d in
    (0..<b).flatMap { row -> [Double] in
      let first = row * (d + 3) + 2
      return Array(x[0][first..<first + d])
    }
  }, build: { $1[0].columns(2..<$1[0].shape[1] - 1) })

private let channels = OperationCase(
  "columns of images", inputs: { b, d in [.normal([b, 3, d])] },
  expected: { x, b, d in
    (0..<b).flatMap { image -> [Double] in
      let first = (image * 3 + 1) * d
      return Array(x[0][first..<first + 2 * d])
    }
  }, build: { $1[0].columns(1..<3) })

private let joined = OperationCase(
  "concatenate",
  inputs: { b, d in [.normal([b, d, 2]), .normal([b, 1, 2]), .normal([b, d, 2])] },
  expected: { x, b, d in
    (0..<b).flatMap { image -> [Double] in
      let ends = image * 2 * d..<(image + 1) * 2 * d
      return Array(x[0][ends]) + x[1][image * 2..<image * 2 + 2] + x[2][ends]
    }
  }, build: { concatenate($1[0], $1[1], $1[2]) })

private let repeated = OperationCase(
  "repeat_rows", inputs: { b, d in [.normal([b, d])] },
  expected: { x, b, d in
    (0..<3 * b).flatMap { row -> [Double] in Array(x[0][row / 3 * d..<(row / 3 + 1) * d]) }
  }, build: { $1[0].repeatedRows(3) })

private let enlarged = OperationCase(
  "upsample", inputs: { b, d in [.normal([b, 2, 2, d])] },
  expected: { x, b, d in
    (0..<b * 2 * 6).flatMap { line -> [Double] in
      let (image, row) = (line / 6, line % 6)
      let first = (image * 2 + row / 3) * d
      return (0..<3 * d).map { x[0][first + $0 / 3] }
    }
  }, build: { upsample($1[0], by: 3) })

private let dropped = OperationCase(
  "dropout", inputs: { b, d in [.normal([b, d])] },
  expected: { x, b, d in
    var uniform = [Float](repeating: 0, count: b * d)
    uniform.withUnsafeMutableBufferPointer {
      Random.fillUniform($0, seed: 1, stream: Random.stream("a.b/stream"))
    }
    return zip(x[0], uniform).map { $1 < 0.3 ? 0 : $0 / 0.7 }
  },
  build: { graph, x in
    graph.within("a") { graph.within("b") { dropout(x[0], rate: 0.3, stream: "stream") } }
  }
)

private let constants = OperationCase(
  "constant + x", inputs: { b, d in [.normal([b, d])] },
  expected: { x, b, d in x[0].map { $0 + 4 } },
  build: { $0.constant(1.5, $1[0].shape) + $0.constant(2.5) + $1[0] })
