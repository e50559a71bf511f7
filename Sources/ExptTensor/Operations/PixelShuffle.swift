internal import CKernels

/// Channels to pixels: `[batch, c·r², h, w]` to `[batch, c, h·r, w·r]`, as PyTorch's
/// `nn.functional.pixel_shuffle`. Pixel (y·r + i, x·r + j) of channel k is pixel (y, x) of channel
/// k·r² + i·r + j.
///
/// Source: Shi et al., "Real-time single image and video super-resolution using an efficient sub-pixel
/// convolutional neural network", CVPR 2016.
public func pixelShuffle(_ x: Tensor, by factor: Int) -> Tensor {
  precondition(
    x.shape.rank == 4 && factor > 0 && x.shape[1] % (factor * factor) == 0,
    "pixelShuffle: x \(x.shape) is not images of a multiple of \(factor)² channels")
  if factor == 1 { return x }
  let shape: Shape = [
    x.shape[0], x.shape[1] / (factor * factor), x.shape[2] * factor, x.shape[3] * factor,
  ]
  return .applying(PixelShuffle(factor: factor, isInverse: false), to: [x], shape: shape)
}

/// Pixels to channels, the inverse of `pixelShuffle`: `[batch, c, h·r, w·r]` to `[batch, c·r², h, w]`.
public func pixelUnshuffle(_ x: Tensor, by factor: Int) -> Tensor {
  precondition(
    x.shape.rank == 4 && factor > 0 && x.shape[2] % factor == 0 && x.shape[3] % factor == 0,
    "pixelUnshuffle: x \(x.shape) is not images of a multiple of \(factor) rows and columns")
  if factor == 1 { return x }
  let shape: Shape = [
    x.shape[0], x.shape[1] * factor * factor, x.shape[2] / factor, x.shape[3] / factor,
  ]
  return .applying(PixelShuffle(factor: factor, isInverse: true), to: [x], shape: shape)
}

private struct PixelShuffle: Operation {
  let factor: Int
  let isInverse: Bool

  var name: String { isInverse ? "pixel_unshuffle" : "pixel_shuffle" }
  var backwardReads: BackwardReads { [] }
  var meaning: OperationMeaning? {
    isInverse ? .pixelUnshuffle(factor) : .pixelShuffle(factor)
  }

  func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    move(
      isInverse, x.pointer, x.shape, y.shape, to: ck_gradient(to: y.pointer, add: 0), pass.pool)
  }

  func backward(_ pass: BackwardPass) {
    let (x, dy) = (pass.inputs[0], pass.outputGradient)
    move(!isInverse, dy.pointer, dy.shape, x.shape, to: pass.target(0), pass.pool)
  }

  private func move(
    _ isInverse: Bool, _ x: UnsafePointer<Float>, _ from: Shape, _ to: Shape,
    to target: ck_gradient, _ pool: OpaquePointer?
  ) {
    let (small, large) = isInverse ? (to, from) : (from, to)
    let run = isInverse ? ck_pixel_unshuffle : ck_pixel_shuffle
    run(pool, large[0], large[1], small[2], small[3], factor, x, target)
  }
}
