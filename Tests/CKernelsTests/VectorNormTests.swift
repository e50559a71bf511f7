import CKernels
import Testing

private let images = [(4, 3, 1), (130, 70, 1), (2, 5, 16), (8, 50, 49), (3, 2, 1100), (2, 70, 3)]
private let tables = [(1, 2), (3, 17), (60, 300), (130, 20), (2, 1500)]

private func normalise(_ values: [Double], epsilon: Double) -> [Double] {
  let mean = values.reduce(0, +) / Double(values.count)
  let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
  return values.map { ($0 - mean) / (variance + epsilon).squareRoot() }
}

/// The gradient of Σ dyᵢ·normalise(x)ᵢ by x, from the Jacobian written out:
/// (δᵢⱼ − 1/n − x̂ᵢx̂ⱼ/n) / σ.
private func normaliseGradient(_ x: [Double], _ dy: [Double], epsilon: Double) -> [Double] {
  let n = Double(x.count), hat = normalise(x, epsilon: epsilon)
  let mean = x.reduce(0, +) / n
  let deviation = (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n + epsilon).squareRoot()
  let total = dy.reduce(0, +), along = zip(dy, hat).reduce(0) { $0 + $1.0 * $1.1 }
  return x.indices.map { (dy[$0] - total / n - hat[$0] * along / n) / deviation }
}

@Suite("Normalisation")
struct VectorNormTests {
  private let epsilon: Float = 1e-3

  @Test(arguments: images)
  func `batch normalisation`(batch: Int, channels: Int, inner: Int) {
    let count = batch * channels * inner
    let x = numbers(count, 2).map { $0 + 1 }, dy = numbers(count, seed: 2)
    let scale = numbers(channels, seed: 3), shift = numbers(channels, seed: 4)
    var members = [[Int]](repeating: [], count: channels)
    for index in 0..<count { members[index / inner % channels].append(index) }
    let forward = everywhere { pool in
      var runningMean = [Float](repeating: 0.25, count: channels), runningVariance = runningMean
      var mean = [Float](repeating: 0, count: channels), inverse = mean
      let y = filled(count) {
        ck_batch_norm(
          pool, batch, channels, inner, x, scale, shift, epsilon, 0.1, &runningMean,
          &runningVariance, $0, &mean, &inverse)
      }
      return y + runningMean + runningVariance + mean + inverse
    }
    let y = Array(forward[..<count]), running = Array(forward[count..<count + 2 * channels])
    let mean = Array(forward[(count + 2 * channels)..<(count + 3 * channels)])
    let inverse = Array(forward[(count + 3 * channels)...])
    let gradients = everywhere { pool in
      let dscale = gradient(channels) {
        ck_batch_norm_backward(
          pool, 0, batch, channels, inner, x, scale, mean, inverse, dy, noGradient, $0, noGradient)
      }
      let dshift = gradient(channels) {
        ck_batch_norm_backward(
          pool, 0, batch, channels, inner, x, scale, mean, inverse, dy, noGradient, noGradient, $0)
      }
      return dscale + dshift
    }
    let dx = everywhere { pool in
      gradient(count) {
        ck_batch_norm_backward(
          pool, 0, batch, channels, inner, x, scale, mean, inverse, dy, $0, noGradient, noGradient)
      }
    }
    for (c, indices) in members.enumerated() {
      let values = indices.map { Double(x[$0]) }, upstream = indices.map { Double(dy[$0]) }
      let hat = normalise(values, epsilon: Double(epsilon)), n = Double(values.count)
      let average = values.reduce(0, +) / n
      let squares = values.reduce(0) { $0 + ($1 - average) * ($1 - average) }
      expectClose(
        indices.map { y[$0] }, hat.map { $0 * Double(scale[c]) + Double(shift[c]) },
        relative: 2e-6, absolute: 2e-6, "y")
      expectClose(
        [running[c], running[channels + c]],
        [0.9 * 0.25 + 0.1 * average, 0.9 * 0.25 + 0.1 * squares / (n - 1)], "running")
      let scaled = upstream.map { $0 * Double(scale[c]) }
      expectClose(
        indices.map { dx[$0] }, normaliseGradient(values, scaled, epsilon: Double(epsilon)),
        relative: 1e-5, absolute: 3e-6, "dx")
      expectClose(
        [gradients[c], gradients[channels + c]],
        [zip(upstream, hat).reduce(0) { $0 + $1.0 * $1.1 }, upstream.reduce(0, +)],
        relative: 3e-6, absolute: 3e-6 * n.squareRoot(), "dscale, dshift")
    }
  }

  @Test(arguments: images)
  func `batch normalisation with given statistics`(batch: Int, channels: Int, inner: Int) {
    let count = batch * channels * inner
    let x = numbers(count, 2), dy = numbers(count, seed: 2), mean = numbers(channels, seed: 3)
    let variance = numbers(channels, seed: 4).map { abs($0) + 0.1 }
    var inverse = [Float](repeating: 0, count: channels)
    let y = everywhere { pool in
      filled(count) {
        ck_batch_norm_frozen(
          pool, batch, channels, inner, x, nil, nil, epsilon, mean, variance, $0, &inverse)
      }
    }
    func deviation(_ i: Int) -> Double {
      Double(variance[i / inner % channels] + epsilon).squareRoot()
    }
    let exact = x.indices.map {
      (Double(x[$0]) - Double(mean[$0 / inner % channels])) / deviation($0)
    }
    expectClose(y, exact)
    let dx = everywhere { pool in
      gradient(count) {
        ck_batch_norm_backward(
          pool, 1, batch, channels, inner, x, nil, mean, inverse, dy, $0, noGradient, noGradient)
      }
    }
    expectClose(dx, x.indices.map { Double(dy[$0]) / deviation($0) })
  }

  @Test(arguments: tables)
  func `layer normalisation`(rows: Int, cols: Int) {
    let count = rows * cols
    let x = numbers(count, 2).map { $0 - 1 }, dy = numbers(count, seed: 2)
    let scale = numbers(cols, seed: 3), shift = numbers(cols, seed: 4)
    var mean = [Float](repeating: 0, count: rows), inverse = mean
    let y = everywhere { pool in
      filled(count) {
        ck_layer_norm(pool, rows, cols, x, scale, shift, epsilon, $0, &mean, &inverse)
      }
    }
    let dx = everywhere { pool in
      gradient(count) {
        ck_layer_norm_backward(
          pool, rows, cols, x, scale, mean, inverse, dy, $0, noGradient, noGradient)
      }
    }
    let dscale = everywhere { pool in
      gradient(cols) {
        ck_layer_norm_backward(
          pool, rows, cols, x, scale, mean, inverse, dy, noGradient, $0, noGradient)
      }
    }
    let dshift = everywhere { pool in
      gradient(cols) {
        ck_layer_norm_backward(
          pool, rows, cols, x, scale, mean, inverse, dy, noGradient, noGradient, $0)
      }
    }
    var exactScale = [Double](repeating: 0, count: cols), exactShift = exactScale
    for row in 0..<rows {
      let values = x.row(row, of: cols), upstream = dy.row(row, of: cols)
      let hat = normalise(values, epsilon: Double(epsilon))
      let exact = hat.indices.map { hat[$0] * Double(scale[$0]) + Double(shift[$0]) }
      let range = row * cols..<(row + 1) * cols
      expectClose(Array(y[range]), exact, relative: 2e-6, absolute: 2e-6, "y")
      let scaled = upstream.indices.map { upstream[$0] * Double(scale[$0]) }
      expectClose(
        Array(dx[range]), normaliseGradient(values, scaled, epsilon: Double(epsilon)),
        relative: 1e-5, absolute: 3e-6, "dx")
      for c in 0..<cols {
        exactScale[c] += upstream[c] * hat[c]
        exactShift[c] += upstream[c]
      }
    }
    expectClose(dscale, exactScale, relative: 3e-6, absolute: 2e-5, "dscale")
    expectClose(dshift, exactShift, relative: 3e-6, absolute: 2e-5, "dshift")
  }

  @Test(arguments: oddLengths + [5000])
  func `dropout keeps what the random numbers say, and its gradient the same`(n: Int) {
    let x = numbers(n).map { $0 + 2 }, rate: Float = 0.3
    let draws = filled(n) { ck_random_uniform(nil, 5, 6, 7, n, $0) }
    let y = everywhere { pool in gradient(n) { ck_dropout(pool, rate, 5, 6, 7, n, x, $0) } }
    let scale = 1 / (1 - rate)
    #expect(y == x.indices.map { draws[$0] < rate ? 0 : x[$0] * scale })
  }
}
