internal import CKernels

extension Tensor {
  /// Some of the columns of `[batch, d]`, or of the channels of `[batch, channels, …]`.
  ///
  ///     let mean = x.columns(0..<latent), logVariance = x.columns(latent..<2 * latent)
  public func columns(_ range: Range<Int>) -> Tensor {
    precondition(
      shape.rank >= 2 && range.lowerBound >= 0 && range.upperBound <= shape[1],
      "columns: there is no \(range) in \(shape)")
    let kept = Shape([shape[0], range.count] + shape.dimensions.dropFirst(2))
    return .applying(Slice(first: range.lowerBound), to: [self], shape: kept)
  }
}

private struct Slice: Operation {
  let name = "columns"
  let first: Int

  var meaning: OperationMeaning? { .slice(first: first) }

  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let rows = Rows(of: pass.output.shape, in: pass.inputs[0].shape, first: first)
    ck_copy_rows(
      pass.pool, rows.count, rows.length, pass.inputs[0].pointer + rows.offset, rows.stride,
      ck_gradient(to: pass.output.pointer, add: 0), rows.length)
  }

  func backward(_ pass: BackwardPass) {
    guard let dx = pass.inputGradients[0] else { return }
    let rows = Rows(of: pass.outputGradient.shape, in: dx.buffer.shape, first: first)
    if !dx.accumulates { ck_fill(pass.pool, dx.buffer.count, 0, dx.pointer) }
    ck_copy_rows(
      pass.pool, rows.count, rows.length, pass.outputGradient.pointer, rows.length,
      ck_gradient(to: dx.pointer + rows.offset, add: dx.accumulates ? 1 : 0), rows.stride)
  }
}

/// Where the channels of a part lie in a whole, from channel `first` on: `count` rows of `length`
/// numbers, `stride` apart in the whole, the first one at `offset`.
struct Rows {
  let count: Int
  let length: Int
  let stride: Int
  let offset: Int

  init(of part: Shape, in whole: Shape, first: Int) {
    let pixels = part.count(from: 2)
    count = part[0]
    length = part[1] * pixels
    stride = whole[1] * pixels
    offset = first * pixels
  }
}
