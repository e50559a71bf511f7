internal import CKernels

/// Sums, differences, products and quotients, element by element.
///
/// Shapes: the two are alike, or the shape of one is the end of the other's: a scalar, a row `[d]`
/// against `[batch, d]`, an image `[c, h, w]` against `[batch, c, h, w]`. The result has the larger
/// shape; the gradient by the smaller operand is summed over the elements that share it.
extension Tensor {
  public static func + (a: Tensor, b: Tensor) -> Tensor { Arithmetic.record(.add, a, b) }
  public static func - (a: Tensor, b: Tensor) -> Tensor { Arithmetic.record(.subtract, a, b) }
  public static func * (a: Tensor, b: Tensor) -> Tensor { Arithmetic.record(.multiply, a, b) }
  public static func / (a: Tensor, b: Tensor) -> Tensor { Arithmetic.record(.divide, a, b) }

  /// Each example of `[batch, …]` times its own number of `factors` `[batch]`.
  public func scaledRows(by factors: Tensor) -> Tensor {
    precondition(
      shape.rank > 0 && factors.shape == [shape[0]],
      "scaledRows: \(shape) needs one factor for each example, not \(factors.shape)")
    return .applying(
      Arithmetic(name: "scale_rows", function: CK_BINARY_MULTIPLY, stretchesColumn: true),
      to: [self, factors], shape: shape)
  }
}

/// The larger of a and b, element by element; shapes as in `a + b`.
///
/// The gradient goes to the larger one, and where they are equal to the one of the larger shape, or
/// to `a` of two alike.
public func maximum(_ a: Tensor, _ b: Tensor) -> Tensor { Arithmetic.record(.maximum, a, b) }

private struct Arithmetic: Operation {
  enum Kind: String {
    case add, subtract, multiply, divide, maximum

    /// The kernels' function of (a, b).
    var function: ck_binary_op {
      switch self {
      case .add: CK_BINARY_ADD
      case .subtract: CK_BINARY_SUBTRACT
      case .multiply: CK_BINARY_MULTIPLY
      case .divide: CK_BINARY_DIVIDE
      case .maximum: CK_BINARY_MAXIMUM
      }
    }

    /// The same given (b, a).
    var reversedFunction: ck_binary_op {
      switch self {
      case .subtract: CK_BINARY_SUBTRACT_FROM
      case .divide: CK_BINARY_DIVIDE_INTO
      case .add, .multiply, .maximum: function
      }
    }
  }

  let name: String
  let function: ck_binary_op
  /// Whether the second operand has one number for each row of the first, not for each column.
  var stretchesColumn = false

  /// The kernels stretch the second operand over the first, so the larger one goes first.
  static func record(_ kind: Kind, _ a: Tensor, _ b: Tensor) -> Tensor {
    if a.shape.ends(with: b.shape) {
      return .applying(
        Arithmetic(name: kind.rawValue, function: kind.function), to: [a, b], shape: a.shape)
    }
    precondition(
      b.shape.ends(with: a.shape), "\(kind.rawValue): shapes \(a.shape) and \(b.shape) do not fit")
    return .applying(
      Arithmetic(name: kind.rawValue, function: kind.reversedFunction), to: [b, a], shape: b.shape)
  }

  var backwardReads: BackwardReads { ck_binary_backward_reads(function) == 0 ? [] : .inputs }

  var meaning: OperationMeaning? {
    .arithmetic(
      stretchesColumn ? Kind.multiply.rawValue : name,
      isReversed: function == CK_BINARY_SUBTRACT_FROM || function == CK_BINARY_DIVIDE_INTO,
      isColumn: stretchesColumn)
  }

  func forward(_ pass: ForwardPass) {
    let (a, b) = (pass.inputs[0], pass.inputs[1])
    let stretch = Stretch(of: b, over: a, asColumn: stretchesColumn)
    ck_binary(
      pass.pool, function, stretch.kind, 1, stretch.rows, stretch.columns, a.pointer, b.pointer,
      pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let (a, b) = (pass.inputs[0], pass.inputs[1])
    let stretch = Stretch(of: b, over: a, asColumn: stretchesColumn)
    ck_binary_backward(
      pass.pool, function, stretch.kind, 1, stretch.rows, stretch.columns, a.pointer, b.pointer,
      pass.outputGradient.pointer, pass.inputGradients[0].target, pass.inputGradients[1].target)
  }
}

/// How b lies over a, seen as `[rows, columns]`.
private struct Stretch {
  let kind: ck_broadcast
  let rows: Int
  let columns: Int

  init(of b: Buffer, over a: Buffer, asColumn: Bool) {
    if a.count == b.count {
      (kind, rows, columns) = (CK_BROADCAST_SAME, 1, a.count)
    } else if b.count == 1 {
      (kind, rows, columns) = (CK_BROADCAST_SCALAR, 1, a.count)
    } else if asColumn {
      (kind, rows, columns) = (CK_BROADCAST_CHANNEL, b.count, a.count / b.count)
    } else {
      (kind, rows, columns) = (CK_BROADCAST_ROW, a.count / b.count, b.count)
    }
  }
}

extension Shape {
  fileprivate func ends(with other: Shape) -> Bool {
    rank >= other.rank && dimensions.suffix(other.rank).elementsEqual(other.dimensions)
  }
}
