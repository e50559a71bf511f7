internal import CKernels

/// eˣ of each element.
public func exp(_ x: Tensor) -> Tensor { .applying(Elementwise("exp", CK_UNARY_EXP), to: x) }

/// eˣ − 1 of each element, exact near 0.
public func expm1(_ x: Tensor) -> Tensor { .applying(Elementwise("expm1", CK_UNARY_EXPM1), to: x) }

/// The natural logarithm of each element: −∞ at 0, NaN below.
public func log(_ x: Tensor) -> Tensor { .applying(Elementwise("log", CK_UNARY_LOG), to: x) }

/// log(1 + x) of each element, exact near 0.
public func log1p(_ x: Tensor) -> Tensor { .applying(Elementwise("log1p", CK_UNARY_LOG1P), to: x) }

/// The square root of each element: NaN below 0; the gradient at 0 is infinite.
public func sqrt(_ x: Tensor) -> Tensor { .applying(Elementwise("sqrt", CK_UNARY_SQRT), to: x) }

/// The square of each element.
public func square(_ x: Tensor) -> Tensor {
  .applying(Elementwise("square", CK_UNARY_SQUARE), to: x)
}

/// The absolute value of each element; the gradient at 0 is 0.
public func abs(_ x: Tensor) -> Tensor { .applying(Elementwise("abs", CK_UNARY_ABS), to: x) }

/// 1/x of each element.
public func reciprocal(_ x: Tensor) -> Tensor {
  .applying(Elementwise("reciprocal", CK_UNARY_RECIPROCAL), to: x)
}

/// The sine of each element, in radians.
public func sin(_ x: Tensor) -> Tensor { .applying(Elementwise("sin", CK_UNARY_SIN), to: x) }

/// The cosine of each element, in radians.
public func cos(_ x: Tensor) -> Tensor { .applying(Elementwise("cos", CK_UNARY_COS), to: x) }

/// The error function of each element.
public func erf(_ x: Tensor) -> Tensor { .applying(Elementwise("erf", CK_UNARY_ERF), to: x) }

/// log σ(x) of each element, without overflow.
public func logSigmoid(_ x: Tensor) -> Tensor {
  .applying(Elementwise("log_sigmoid", CK_UNARY_LOG_SIGMOID), to: x)
}

/// log cosh of each element, without overflow and exact near 0.
public func logCosh(_ x: Tensor) -> Tensor {
  .applying(Elementwise("log_cosh", CK_UNARY_LOG_COSH), to: x)
}

/// log Γ of each element: infinite at 0, NaN below. Within one unit in the last place.
public func lgamma(_ x: Tensor) -> Tensor {
  .applying(Elementwise("lgamma", CK_UNARY_LGAMMA), to: x)
}

/// ψ = (log Γ)′ of each element: −∞ at 0, NaN below. Within one unit in the last place.
public func digamma(_ x: Tensor) -> Tensor {
  .applying(Elementwise("digamma", CK_UNARY_DIGAMMA), to: x)
}

/// log Γ((ν + 1)/2) − log Γ(ν/2) − ½ log(πν) of each element ν above 0: the logarithm of Student's
/// density at 0, also where the two log Γ are large and nearly alike.
public func studentTConstant(_ freedom: Tensor) -> Tensor {
  .applying(Elementwise("student_t_constant", CK_UNARY_STUDENT_T_CONSTANT), to: freedom)
}

/// The nearest whole number to each element, of two the even one; the gradient is 0.
public func round(_ x: Tensor) -> Tensor { .applying(Elementwise("round", CK_UNARY_ROUND), to: x) }

/// The largest whole number not above each element; the gradient is 0.
public func floor(_ x: Tensor) -> Tensor { .applying(Elementwise("floor", CK_UNARY_FLOOR), to: x) }

/// −1, 0 or 1 for each element; the gradient is 0.
public func sign(_ x: Tensor) -> Tensor { .applying(Elementwise("sign", CK_UNARY_SIGN), to: x) }

/// 1 for each element above 0, else 0; the gradient is 0.
public func step(_ x: Tensor) -> Tensor { .applying(Elementwise("step", CK_UNARY_STEP), to: x) }

/// Each element, or the nearer bound where it lies outside `bounds`.
///
/// The gradient is passed on inside and on the bounds, and is 0 outside.
public func clamp(_ x: Tensor, _ bounds: ClosedRange<Float>) -> Tensor {
  .applying(
    Elementwise("clamp", CK_UNARY_CLAMP, p: bounds.lowerBound, q: bounds.upperBound), to: x)
}

/// Each element with a number. `x * c + d` is rounded twice, as two operations.
extension Tensor {
  public static prefix func - (x: Tensor) -> Tensor {
    .applying(Elementwise("negate", CK_UNARY_NEGATE), to: x)
  }

  public static func + (x: Tensor, number: Float) -> Tensor { affine("add", x, 1, number) }
  public static func + (number: Float, x: Tensor) -> Tensor { affine("add", x, 1, number) }
  public static func - (x: Tensor, number: Float) -> Tensor { affine("subtract", x, 1, -number) }
  public static func - (number: Float, x: Tensor) -> Tensor { affine("subtract", x, -1, number) }
  public static func * (x: Tensor, number: Float) -> Tensor { affine("multiply", x, number, 0) }
  public static func * (number: Float, x: Tensor) -> Tensor { affine("multiply", x, number, 0) }

  /// `x` times 1/number.
  public static func / (x: Tensor, number: Float) -> Tensor { affine("divide", x, 1 / number, 0) }

  /// `number` times 1/x.
  public static func / (number: Float, x: Tensor) -> Tensor { number * reciprocal(x) }

  private static func affine(
    _ name: String, _ x: Tensor, _ factor: Float, _ summand: Float
  ) -> Tensor {
    .applying(Elementwise(name, CK_UNARY_AFFINE, p: factor, q: summand), to: x)
  }

  static func applying(_ function: Elementwise, to x: Tensor) -> Tensor {
    applying(function, to: [x], shape: x.shape)
  }
}

/// A function of one number, of each element, with up to two parameters.
struct Elementwise: Operation {
  let name: String
  private let function: ck_unary_op
  private let p: Float
  private let q: Float

  init(_ name: String, _ function: ck_unary_op, p: Float = 0, q: Float = 0) {
    self.name = name
    self.function = function
    self.p = p
    self.q = q
  }

  var backwardReads: BackwardReads {
    switch ck_unary_backward_reads(function) {
    case 0: []
    case 1: .inputs
    case 2: .output
    default: [.inputs, .output]
    }
  }

  var meaning: OperationMeaning? {
    switch function {
    case CK_UNARY_AFFINE: .affine(factor: p, summand: q)
    case CK_UNARY_CLAMP: p <= q ? .clamp(p...q) : nil
    default: .elementwise(name, parameter: p)
    }
  }

  func forward(_ pass: ForwardPass) {
    ck_unary(
      pass.pool, function, p, q, pass.output.count, pass.inputs[0].pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    ck_unary_backward(
      pass.pool, function, p, q, pass.output.count, pass.inputs[0].pointer, pass.output.pointer,
      pass.outputGradient.pointer, pass.inputGradients[0].target)
  }
}
