internal import CKernels

/// An activation function of each element; see `Activation` for the formulas.
///
/// After a linear layer or a convolution, pass it to that instead, where it costs next to nothing.
public func activate(_ x: Tensor, _ activation: Activation) -> Tensor {
  if activation == .none { return x }
  let function = ck_unary_op(activation.code.rawValue)  // the two enumerations begin alike
  return .applying(Elementwise(activation.name, function, p: activation.parameter), to: x)
}

public func relu(_ x: Tensor) -> Tensor { activate(x, .relu) }

/// - Parameter slope: The slope below 0. The default is 0.01.
public func leakyReLU(_ x: Tensor, slope: Float = 0.01) -> Tensor {
  activate(x, .leakyReLU(slope: slope))
}

/// - Parameter alpha: What the function tends to at −∞ is −`alpha`. The default is 1.
public func elu(_ x: Tensor, alpha: Float = 1) -> Tensor { activate(x, .elu(alpha: alpha)) }

public func gelu(_ x: Tensor) -> Tensor { activate(x, .gelu) }
public func silu(_ x: Tensor) -> Tensor { activate(x, .silu) }
public func tanh(_ x: Tensor) -> Tensor { activate(x, .tanh) }
public func sigmoid(_ x: Tensor) -> Tensor { activate(x, .sigmoid) }
public func softplus(_ x: Tensor) -> Tensor { activate(x, .softplus) }
