internal import CKernels

extension Tensor {
  /// Some of the examples: `[batch, …]` to `[range.count, …]`.
  public func rows(_ range: Range<Int>) -> Tensor {
    precondition(
      shape.rank > 0 && range.lowerBound >= 0 && range.upperBound <= shape[0],
      "rows: there is no \(range) in \(shape)")
    return .applying(
      SliceRows(first: range.lowerBound), to: [self],
      shape: shape.withoutBatch.batched(range.count))
  }

  /// All examples `times` times over: `[batch, …]` to `[times·batch, …]`, a row of the result being
  /// example `row % batch`. (`repeatedRows` has the copies of an example side by side.)
  public func tiledRows(_ times: Int) -> Tensor {
    precondition(shape.rank > 0 && times > 0, "tiledRows: \(shape), \(times) times")
    return .applying(
      TileRows(), to: [self], shape: shape.withoutBatch.batched(shape[0] * times))
  }

  /// `[m, n]` as `[n, m]`; of `[batch, m, n]` each example.
  public func transposed() -> Tensor {
    precondition(shape.rank == 2 || shape.rank == 3, "transposed: \(shape) has not 2 or 3 axes")
    let swapped = Shape(shape.dimensions.dropLast(2) + shape.dimensions.suffix(2).reversed())
    return .applying(Transpose(), to: [self], shape: swapped)
  }

  /// The covariance over the batch of `[batch, d]`: `[d, d]`, with 1/batch.
  public func covarianceOverBatch() -> Tensor {
    precondition(shape.rank == 2 && shape[0] > 0, "covarianceOverBatch: \(shape)")
    let centred = self - meanOverBatch()
    return matmul(centred, centred, transposeA: true) / Float(shape[0])
  }
}

/// The examples of several tensors one after another: `[a, …]` and `[b, …]` to `[a + b, …]`.
public func concatenateRows(_ first: Tensor, _ others: Tensor...) -> Tensor {
  let parts = [first] + others
  precondition(
    parts.allSatisfy { $0.shape.rank > 0 && $0.shape.withoutBatch == first.shape.withoutBatch },
    "concatenateRows: shapes \(parts.map(\.shape)) differ in more than their first axis")
  let rows = parts.reduce(0) { $0 + $1.shape[0] }
  return .applying(JoinRows(), to: parts, shape: first.shape.withoutBatch.batched(rows))
}

private struct SliceRows: Operation {
  let name = "rows"
  let first: Int
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    ck_copy(
      pass.pool, y.count, x.pointer + first * x.shape.count(from: 1),
      ck_gradient(to: y.pointer, add: 0))
  }

  func backward(_ pass: BackwardPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let dy = pass.outputGradient
    if !dx.accumulates { ck_fill(pass.pool, dx.buffer.count, 0, dx.pointer) }
    ck_copy(
      pass.pool, dy.count, dy.pointer,
      ck_gradient(
        to: dx.pointer + first * dx.buffer.shape.count(from: 1), add: dx.accumulates ? 1 : 0))
  }
}

private struct JoinRows: Operation {
  let name = "concatenate_rows"
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    var at = pass.output.pointer
    for part in pass.inputs {
      ck_copy(pass.pool, part.count, part.pointer, ck_gradient(to: at, add: 0))
      at += part.count
    }
  }

  func backward(_ pass: BackwardPass) {
    var at = pass.outputGradient.pointer
    for (index, part) in pass.inputs.enumerated() {
      if pass.inputGradients[index] != nil {
        ck_copy(pass.pool, part.count, at, pass.target(index))
      }
      at += part.count
    }
  }
}

private struct TileRows: Operation {
  let name = "tile_rows"
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    for start in stride(from: 0, to: y.count, by: max(1, x.count)) {
      ck_copy(pass.pool, x.count, x.pointer, ck_gradient(to: y.pointer + start, add: 0))
    }
  }

  func backward(_ pass: BackwardPass) {
    let (count, dy) = (pass.inputs[0].count, pass.outputGradient)
    ck_sum_columns(
      pass.pool, count == 0 ? 0 : dy.count / count, count, dy.pointer, pass.target(0))
  }
}

private struct Transpose: Operation {
  let name = "transpose"
  var meaning: OperationMeaning? { .transpose }
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let x = pass.inputs[0]
    move(x.pointer, x.shape, to: ck_gradient(to: pass.output.pointer, add: 0), pass.pool)
  }

  func backward(_ pass: BackwardPass) {
    let dy = pass.outputGradient
    move(dy.pointer, dy.shape, to: pass.target(0), pass.pool)
  }

  private func move(
    _ x: UnsafePointer<Float>, _ shape: Shape, to target: ck_gradient, _ pool: OpaquePointer?
  ) {
    let axes = shape.dimensions.suffix(2)
    ck_transpose(
      pool, shape.rank == 3 ? shape[0] : 1, axes[axes.startIndex], axes[axes.startIndex + 1], x,
      target)
  }
}
