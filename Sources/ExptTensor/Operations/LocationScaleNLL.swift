internal import CKernels

/// −log p(t) of each example under independent pixels of a distribution with a location and a
/// scale. One operation for the three of them, which have a file each.
struct LocationScaleNLL: Operation {
  enum Distribution: String {
    case gaussian = "gaussian_nll"
    case laplace = "laplace_nll"
    case discretizedLogistic = "discretized_logistic_nll"
  }

  let distribution: Distribution

  /// Shapes: `location` and `targets` `[batch, …]`, alike, `logScale` alike or one number; the
  /// result `[batch]`.
  static func record(
    _ distribution: Distribution, location: Tensor, targets: Tensor, logScale: Tensor
  ) -> Tensor {
    precondition(
      location.shape == targets.shape && location.shape.rank > 0
        && (logScale.shape.count == 1 || logScale.shape == location.shape),
      """
      \(distribution.rawValue): location \(location.shape), targets \(targets.shape) and log-scale \
      \(logScale.shape)
      """)
    return .applying(
      LocationScaleNLL(distribution: distribution), to: [location, targets, logScale],
      shape: [location.shape[0]])
  }

  var name: String { distribution.rawValue }
  var backwardReads: BackwardReads { .inputs }

  func scratch(inputs: [Shape], output: Shape) -> [Shape] { [output] }

  func forward(_ pass: ForwardPass) {
    let (location, targets, logScale) = (pass.inputs[0], pass.inputs[1], pass.inputs[2])
    let loss =
      switch distribution {
      case .gaussian: ck_gaussian_nll
      case .laplace: ck_laplace_nll
      case .discretizedLogistic: ck_discretized_logistic_nll
      }
    loss(
      pass.pool, kind(of: logScale), location.shape[0], location.shape.count(from: 1),
      location.pointer, targets.pointer, logScale.pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let (byLocation, byTargets) = (pass.inputGradients[0], pass.inputGradients[1])
    let byLogScale = pass.inputGradients[2]
    if byLocation != nil || byLogScale != nil {
      backward(pass, pass.outputGradient.pointer, byLocation.target, byLogScale.target)
    }
    // The losses are functions of targets − location: the gradient by the targets is the other's,
    // negated.
    if byTargets != nil {
      let negated = pass.negatedOutputGradient(in: pass.scratch[0])
      backward(pass, negated, byTargets.target, ck_gradient(to: nil, add: 0))
    }
  }

  private func backward(
    _ pass: BackwardPass, _ g: UnsafePointer<Float>, _ byLocation: ck_gradient,
    _ byLogScale: ck_gradient
  ) {
    let (location, targets, logScale) = (pass.inputs[0], pass.inputs[1], pass.inputs[2])
    let gradient =
      switch distribution {
      case .gaussian: ck_gaussian_nll_backward
      case .laplace: ck_laplace_nll_backward
      case .discretizedLogistic: ck_discretized_logistic_nll_backward
      }
    gradient(
      pass.pool, kind(of: logScale), location.shape[0], location.shape.count(from: 1),
      location.pointer, targets.pointer, logScale.pointer, g, byLocation, byLogScale)
  }

  private func kind(of logScale: Buffer) -> ck_scale {
    logScale.count == 1 ? CK_SCALE_SHARED : CK_SCALE_ELEMENT
  }
}
