import CKernels
import Testing

@Suite("Copies")
struct VectorCopyTests {
  @Test(arguments: oddLengths + [severalTasks])
  func `fill, copy and scaled addition`(n: Int) {
    let x = numbers(n), y = numbers(n, seed: 2)
    #expect(everywhere { pool in filled(n) { ck_fill(pool, n, 2.5, $0) } }.allSatisfy { $0 == 2.5 })
    #expect(everywhere { pool in gradient(n) { ck_copy(pool, n, x, $0) } } == x)
    let sum = everywhere { pool in
      var sum = y
      ck_add_scaled(pool, n, 0.3, x, &sum)
      return sum
    }
    #expect(sum == zip(x, y).map { $1.addingProduct($0, 0.3) })
    let scaled = everywhere { pool in
      var scaled = x
      ck_scale_in_place(pool, n, 0.3, &scaled)
      return scaled
    }
    #expect(scaled == x.map { $0 * 0.3 })
    let clipped = everywhere { pool in
      var clipped = x
      ck_clip_in_place(pool, n, 0.25, &clipped)
      return clipped
    }
    #expect(clipped == x.map { min(max($0, -0.25), 0.25) })
  }

  @Test(arguments: [(1, 1, 1), (3, 17, 5), (300, 100, 64), (2, 700, 33)])
  func `columns are cut out and put back`(rows: Int, cols: Int, taken: Int) {
    let x = numbers(rows * cols), start = (cols - taken) / 2
    let slice = everywhere { pool in
      gradient(rows * taken) {
        ck_copy_rows(pool, rows, taken, Array(x[start...]), cols, $0, taken)
      }
    }
    let expected = (0..<rows).flatMap { row -> ArraySlice<Float> in
      x[(row * cols + start)...].prefix(taken)
    }
    #expect(slice == expected)
    var back = [Float](repeating: 7, count: rows * cols)
    back.withUnsafeMutableBufferPointer {
      let rest = UnsafeMutableBufferPointer(rebasing: $0[start...])
      ck_copy_rows(nil, rows, taken, slice, taken, ck_gradient(to: rest.baseAddress, add: 0), cols)
    }
    for index in back.indices {
      let inside = (start..<start + taken).contains(index % cols)
      #expect(back[index] == (inside ? x[index] : 7))
    }
  }

  @Test(arguments: [(1, 1, 1), (1, 17, 5), (3, 7, 40), (2, 100, 130)])
  func `the last two axes change places`(batch: Int, m: Int, n: Int) {
    let x = numbers(batch * m * n)
    let y = everywhere { pool in
      gradient(x.count) { ck_transpose(pool, batch, m, n, x, $0) }
    }
    let expected = (0..<x.count).map { index -> Float in
      let (item, row, column) = (index / (m * n), index / m % n, index % m)
      return x[(item * m + column) * n + row]
    }
    #expect(y == expected)
  }

  @Test(arguments: [(1, 1, 3), (20, 50, 5), (7, 1000, 4)])
  func `rows repeat, and their gradients add up`(rows: Int, cols: Int, times: Int) {
    let x = numbers(rows * cols), count = x.count * times
    let y = everywhere { pool in
      filled(count) { ck_repeat_rows(pool, rows, cols, times, x, $0) }
    }
    #expect(y == (0..<count).map { x[$0 / cols / times * cols + $0 % cols] })
    let dy = numbers(count, seed: 2)
    let dx = everywhere { pool in
      gradient(x.count) { ck_repeat_rows_backward(pool, rows, cols, times, dy, $0) }
    }
    let sums = (0..<x.count).map { index in
      (0..<times).reduce(0.0) {
        $0 + Double(dy[(index / cols * times + $1) * cols + index % cols])
      }
    }
    expectClose(dx, sums)
  }

  @Test(arguments: [(1, 1, 1, 2), (6, 4, 5, 3), (64, 7, 7, 2)])
  func `pixels become squares, and squares add up`(n: Int, h: Int, w: Int, factor: Int) {
    let x = numbers(n * h * w), count = x.count * factor * factor
    let source = (0..<count).map { index in
      let (row, col) = (index / (w * factor), index % (w * factor))
      return row / factor * w + col / factor
    }
    let y = everywhere { pool in filled(count) { ck_upsample(pool, n, h, w, factor, x, $0) } }
    #expect(y == source.map { x[$0] })
    let dy = numbers(count, seed: 2)
    let dx = everywhere { pool in
      gradient(x.count) { ck_upsample_backward(pool, n, h, w, factor, dy, $0) }
    }
    var sums = [Double](repeating: 0, count: x.count)
    for (index, pixel) in source.enumerated() { sums[pixel] += Double(dy[index]) }
    expectClose(dx, sums)
  }
}
