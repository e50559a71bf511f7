import ExptTensor

/// One invertible map of a normalising flow, while a graph is recorded: rows `[n, d]` to rows of as many
/// numbers, with log |det ∂y/∂x| of each.
///
/// A step may depend on the example that a row belongs to (its condition, or numbers of the encoder's
/// head): it holds such numbers for each example, `[batch, …]`, and n is a multiple of the batch, the
/// rows of an example one after another.
///
/// Source: Rezende & Mohamed, "Variational Inference with Normalizing Flows", ICML 2015, section 3.
public protocol FlowStep {
  func forward(_ x: Tensor) -> FlowValues

  /// x of y, with the log determinant of this direction; nil, the default, for a step that does not
  /// invert in closed form.
  func inverse(_ y: Tensor) -> FlowValues?
}

extension FlowStep {
  public func inverse(_ y: Tensor) -> FlowValues? { nil }
}

/// Rows that have gone through a flow.
public struct FlowValues {
  /// `[n, d]`.
  public var rows: Tensor
  /// log |det| of the way they came, `[n]`, in nats.
  public var logDeterminant: Tensor

  public init(_ rows: Tensor, logDeterminant: Tensor) {
    precondition(
      rows.shape.rank == 2 && logDeterminant.shape == [rows.shape[0]],
      "rows \(rows.shape) with log determinants \(logDeterminant.shape)")
    (self.rows, self.logDeterminant) = (rows, logDeterminant)
  }
}

extension [any FlowStep] {
  /// Through all steps, the first first; nil if there are none.
  public func forward(_ x: Tensor) -> FlowValues? {
    reduce(nil) { before, step in
      let after = step.forward(before?.rows ?? x)
      return before.map { after.adding($0) } ?? after
    }
  }

  /// Back through all steps, the last first; nil if there are none, or one does not invert.
  public func inverse(_ y: Tensor) -> FlowValues? {
    var values: FlowValues?
    for step in reversed() {
      guard let before = step.inverse(values?.rows ?? y) else { return nil }
      values = values.map { before.adding($0) } ?? before
    }
    return values
  }
}

extension FlowValues {
  /// These rows, with the log determinant of another part of their way added.
  fileprivate func adding(_ other: FlowValues) -> FlowValues {
    FlowValues(rows, logDeterminant: other.logDeterminant + logDeterminant)
  }
}

extension Tensor {
  /// Numbers of each example, `[batch, …]`, for rows of which each example has as many: `[n, …]`.
  func forRows(of x: Tensor) -> Tensor {
    precondition(
      x.shape[0] % shape[0] == 0, "\(x.shape[0]) rows are no multiple of \(shape[0]) examples")
    return repeatedExamples(x.shape[0] / shape[0])
  }
}
