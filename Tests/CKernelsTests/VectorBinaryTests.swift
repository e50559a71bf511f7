import CKernels
import Testing

struct BinaryCase: Sendable, CustomTestStringConvertible {
  var op: ck_binary_op
  var name: String
  var exact: @Sendable (Double, Double) -> Double
  /// The derivatives by a and by b.
  var slopes: @Sendable (Double, Double) -> (Double, Double)
  var testDescription: String { name }
}

let binaryCases: [BinaryCase] = [
  BinaryCase(op: CK_BINARY_ADD, name: "a + b", exact: { $0 + $1 }) { _, _ in (1, 1) },
  BinaryCase(op: CK_BINARY_SUBTRACT, name: "a - b", exact: { $0 - $1 }) { _, _ in (1, -1) },
  BinaryCase(op: CK_BINARY_MULTIPLY, name: "a * b", exact: { $0 * $1 }) { ($1, $0) },
  BinaryCase(op: CK_BINARY_DIVIDE, name: "a / b", exact: { $0 / $1 }) { (1 / $1, -$0 / ($1 * $1)) },
  BinaryCase(op: CK_BINARY_MAXIMUM, name: "max(a, b)", exact: { max($0, $1) }) {
    $0 >= $1 ? (1, 0) : (0, 1)
  },
  BinaryCase(op: CK_BINARY_SUBTRACT_FROM, name: "b - a", exact: { $1 - $0 }) { _, _ in (-1, 1) },
  BinaryCase(op: CK_BINARY_DIVIDE_INTO, name: "b / a", exact: { $1 / $0 }) {
    (-$1 / ($0 * $0), 1 / $0)
  },
]

/// [outer, channels, inner] with the way b stretches over it.
struct Stretch: Sendable, CustomTestStringConvertible {
  var kind: ck_broadcast
  var outer = 1, channels = 1, inner = 1

  var count: Int { outer * channels * inner }
  var testDescription: String { "\(kind.rawValue): \(outer)×\(channels)×\(inner)" }

  var countOfB: Int {
    switch kind {
    case CK_BROADCAST_SAME: count
    case CK_BROADCAST_ROW: inner
    case CK_BROADCAST_CHANNEL: channels
    default: 1
    }
  }

  /// The element of b that meets element `index` of a.
  func indexOfB(_ index: Int) -> Int {
    switch kind {
    case CK_BROADCAST_SAME: index
    case CK_BROADCAST_ROW: index % inner
    case CK_BROADCAST_CHANNEL: index / inner % channels
    default: 0
    }
  }
}

private let stretches: [Stretch] = {
  let flat = [1, 15, 17, 1000, severalTasks].flatMap {
    [Stretch(kind: CK_BROADCAST_SAME, inner: $0), Stretch(kind: CK_BROADCAST_SCALAR, inner: $0)]
  }
  let tables = [(1, 1), (3, 17), (300, 15), (50, 400), (7, 64), (2, 1500)]
  let rows = tables.map { Stretch(kind: CK_BROADCAST_ROW, outer: $0, inner: $1) }
  let columns = tables.map { Stretch(kind: CK_BROADCAST_CHANNEL, channels: $0, inner: $1) }
  let images = [(2, 3, 5), (9, 2, 16), (8, 50, 49), (2, 3, 1100), (40, 33, 1)]
  let channels = images.map {
    Stretch(kind: CK_BROADCAST_CHANNEL, outer: $0, channels: $1, inner: $2)
  }
  return flat + rows + columns + channels
}()

/// Numbers between 0.5 and 1.5 in size, of both signs.
private func awayFromZero(_ count: Int, seed: UInt64) -> [Float] {
  numbers(count, seed: seed).map { $0 + ($0 < 0 ? -0.5 : 0.5) }
}

@Suite("Functions of two arrays")
struct VectorBinaryTests {
  @Test(arguments: binaryCases, stretches)
  func `values and gradients are exact up to rounding`(_ binary: BinaryCase, _ s: Stretch) {
    let a = awayFromZero(s.count, seed: 1), b = awayFromZero(s.countOfB, seed: 2)
    let dy = numbers(s.count, 2, seed: 3)
    let y = everywhere { pool in
      filled(s.count) { ck_binary(pool, binary.op, s.kind, s.outer, s.channels, s.inner, a, b, $0) }
    }
    let byA = everywhere { pool in
      gradient(s.count) {
        ck_binary_backward(
          pool, binary.op, s.kind, s.outer, s.channels, s.inner, a, b, dy, $0, noGradient)
      }
    }
    let byB = everywhere { pool in
      gradient(s.countOfB) {
        ck_binary_backward(
          pool, binary.op, s.kind, s.outer, s.channels, s.inner, a, b, dy, noGradient, $0)
      }
    }
    var exactY: [Double] = [], exactA: [Double] = []
    var exactB = [Double](repeating: 0, count: s.countOfB), sizes = exactB
    for index in 0..<s.count {
      let place = s.indexOfB(index), g = Double(dy[index])
      let (x, z) = (Double(a[index]), Double(b[place]))
      let slopes = binary.slopes(x, z)
      exactY.append(binary.exact(x, z))
      exactA.append(g * slopes.0)
      exactB[place] += g * slopes.1
      sizes[place] += abs(g * slopes.1)
    }
    expectClose(y, exactY, relative: 1e-7, absolute: 0, "y")
    expectClose(byA, exactA, relative: 2e-7, absolute: 0, "da")
    // A sum's error goes with the size of its terms, not with its value.
    expectClose(byB, exactB, relative: 2e-7, absolute: 2e-7 * (sizes.max() ?? 0), "db")
  }

  @Test(arguments: [CK_BINARY_ADD, CK_BINARY_SUBTRACT, CK_BINARY_SUBTRACT_FROM])
  func `gradients of sums read neither side`(_ op: ck_binary_op) {
    #expect(ck_binary_backward_reads(op) == 0)
    let dy = numbers(12)
    let kinds: [(ck_broadcast, Int)] = [
      (CK_BROADCAST_SAME, 12), (CK_BROADCAST_SCALAR, 1), (CK_BROADCAST_ROW, 3),
      (CK_BROADCAST_CHANNEL, 2),
    ]
    for (kind, count) in kinds {
      let db = gradient(count) {
        ck_binary_backward(nil, op, kind, 2, 2, 3, nil, nil, dy, noGradient, $0)
      }
      let total = dy.reduce(0, +) * (op == CK_BINARY_SUBTRACT ? -1 : 1)
      #expect(abs(db.reduce(0, +) - total) < 1e-5)
    }
  }

  @Test func `a maximum of equals passes the gradient to a, and NaN stays NaN`() {
    let a: [Float] = [1, 2, .nan, 1, -0.0], b: [Float] = [1, 3, 1, .nan, 0]
    let ones = [Float](repeating: 1, count: 5)
    let y = everywhere { pool in
      filled(5) { ck_binary(pool, CK_BINARY_MAXIMUM, CK_BROADCAST_SAME, 1, 1, 5, a, b, $0) }
    }
    #expect(y[0] == 1 && y[1] == 3 && y[2].isNaN && y[3].isNaN && y[4] == 0)
    let da = gradient(5) {
      ck_binary_backward(
        nil, CK_BINARY_MAXIMUM, CK_BROADCAST_SAME, 1, 1, 5, a, b, ones, $0, noGradient)
    }
    #expect(da == [1, 0, 1, 0, 1])
  }
}
