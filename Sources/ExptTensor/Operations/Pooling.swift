internal import CKernels

/// Square windows over images: their side, how far they are apart, and the rows and columns around the
/// images that count for nothing.
public struct PoolingGeometry: Sendable, Hashable {
  public var kernel: Int
  public var stride: Int
  public var padding: Int

  /// - Parameter stride: nil for the kernel's side: windows that touch and do not overlap.
  public init(kernel: Int, stride: Int? = nil, padding: Int = 0) {
    precondition(
      kernel > 0 && stride ?? 1 > 0 && padding >= 0 && 2 * padding <= kernel,
      "windows of \(kernel), \(stride ?? kernel) apart, with padding \(padding)")
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
  }

  /// The size after pooling, `(size + 2·padding − kernel) / stride + 1` rounded down; nil if no window
  /// fits.
  public func pooled(_ size: Int) -> Int? {
    ConvolutionGeometry(stride: stride, padding: padding).convolved(size, kernel: kernel)
  }
}

/// The mean of each window: `[batch, channels, height, width]` to `[batch, channels, h, w]`. Padding is
/// not counted, as in PyTorch's `nn.functional.avg_pool2d` with `count_include_pad=False`.
public func averagePool(_ x: Tensor, _ geometry: PoolingGeometry) -> Tensor {
  pool(x, geometry, takesMaximum: false)
}

/// The largest pixel of each window, as PyTorch's `nn.functional.max_pool2d`: `[batch, channels, height,
/// width]` to `[batch, channels, h, w]`.
///
/// The gradient goes to the largest pixel, of several equal ones to the first in the order of rows.
public func maxPool(_ x: Tensor, _ geometry: PoolingGeometry) -> Tensor {
  pool(x, geometry, takesMaximum: true)
}

private func pool(_ x: Tensor, _ geometry: PoolingGeometry, takesMaximum: Bool) -> Tensor {
  precondition(x.shape.rank == 4, "pooling takes images, not \(x.shape)")
  guard let height = geometry.pooled(x.shape[2]), let width = geometry.pooled(x.shape[3]) else {
    preconditionFailure("windows of \(geometry.kernel) do not fit \(x.shape)")
  }
  return .applying(
    Pooling(geometry: geometry, takesMaximum: takesMaximum), to: [x],
    shape: [x.shape[0], x.shape[1], height, width])
}

private struct Pooling: Operation {
  let geometry: PoolingGeometry
  let takesMaximum: Bool

  var name: String { takesMaximum ? "max_pool" : "avg_pool" }
  var backwardReads: BackwardReads { takesMaximum ? .inputs : [] }
  var meaning: OperationMeaning? {
    takesMaximum ? .maxPool(geometry) : .averagePool(geometry)
  }

  func forward(_ pass: ForwardPass) {
    let (x, y) = (pass.inputs[0], pass.output)
    let run = takesMaximum ? ck_max_pool : ck_average_pool
    run(pass.pool, sizes(x.shape, y.shape), x.pointer, y.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let (x, dy) = (pass.inputs[0], pass.outputGradient)
    let sizes = sizes(x.shape, dy.shape)
    if takesMaximum {
      ck_max_pool_backward(pass.pool, sizes, x.pointer, dy.pointer, pass.target(0))
    } else {
      ck_average_pool_backward(pass.pool, sizes, dy.pointer, pass.target(0))
    }
  }

  private func sizes(_ x: Shape, _ y: Shape) -> ck_pool2d {
    ck_pool2d(
      planes: x[0] * x[1], height: x[2], width: x[3], out_height: y[2], out_width: y[3],
      kernel: geometry.kernel, stride: geometry.stride, padding: geometry.padding)
  }
}
