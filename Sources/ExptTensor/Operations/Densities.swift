internal import CKernels

// Logarithms of probabilities and densities of each element, in nats, constants included. Operands and
// result have one shape. No gradient goes to the values.

/// x·log μ − μ − log x! of each element: log Poisson(x; μ) of whole numbers x ≥ 0.
public func poissonLogProbability(logMean: Tensor, counts: Tensor) -> Tensor {
  LogDensity.record(.poisson, [logMean], counts)
}

/// log NB(x; μ, θ) of each element, of whole numbers x ≥ 0, mean μ and variance μ + μ²/θ:
///
///     log Γ(x + θ) − log Γ(θ) − log x! + θ·log(θ/(θ + μ)) + x·log(μ/(θ + μ))
///
/// Computed in Double, since the first two terms cancel for large θ, where it is Poisson's.
public func negativeBinomialLogProbability(
  logMean: Tensor, logDispersion: Tensor, counts: Tensor
) -> Tensor { LogDensity.record(.negativeBinomial, [logMean, logDispersion], counts) }

/// log Beta(x; α, β) of each element, α = c·σ(l) and β = c·σ(−l) of logits l of the mean and
/// concentrations c = α + β, of values between 0 and 1.
public func betaLogDensity(logit: Tensor, logConcentration: Tensor, values: Tensor) -> Tensor {
  LogDensity.record(.beta, [logit, logConcentration], values)
}

/// log P(t) of each element: what `discretizedLogisticNLL` sums, each element with a scale of its own.
public func discretizedLogisticLogProbability(
  location: Tensor, logScale: Tensor, targets: Tensor
) -> Tensor { LogDensity.record(.discretizedLogistic, [location, logScale], targets) }

/// ½(ν + 1)·log(1 + z²/ν) of each element, of standardised errors z: with `studentTConstant` and the scale
/// it is −log of Student's t density. In Double, since its slope by log ν cancels for large ν.
public func studentTTail(_ z: Tensor, logFreedom: Tensor) -> Tensor {
  precondition(z.shape == logFreedom.shape, "studentTTail: \(z.shape) and \(logFreedom.shape)")
  return .applying(StudentTTail(), to: [z, logFreedom], shape: z.shape)
}

private struct StudentTTail: Operation {
  let name = "student_t_tail"
  var backwardReads: BackwardReads { .inputs }

  func forward(_ pass: ForwardPass) {
    ck_student_t_tail(
      pass.pool, pass.output.count, pass.inputs[0].pointer, pass.inputs[1].pointer,
      pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    ck_student_t_tail_backward(
      pass.pool, pass.outputGradient.count, pass.inputs[0].pointer, pass.inputs[1].pointer,
      pass.outputGradient.pointer, pass.target(0), pass.target(1))
  }
}

private struct LogDensity: Operation {
  enum Kind: String {
    case poisson
    case negativeBinomial = "negative_binomial"
    case beta
    case discretizedLogistic = "discretized_logistic"
  }

  let kind: Kind

  static func record(_ kind: Kind, _ parameters: [Tensor], _ values: Tensor) -> Tensor {
    precondition(
      parameters.allSatisfy { $0.shape == values.shape },
      "\(kind.rawValue): parameters \(parameters.map(\.shape)) of values \(values.shape)")
    return .applying(
      LogDensity(kind: kind), to: parameters + [values.stopGradient()], shape: values.shape)
  }

  var name: String { "\(kind.rawValue)_log" }
  var backwardReads: BackwardReads { .inputs }

  func forward(_ pass: ForwardPass) {
    let (a, b, n) = (pass.inputs[0].pointer, pass.inputs[1].pointer, pass.output.count)
    if kind == .poisson { return ck_poisson_log(pass.pool, n, a, b, pass.output.pointer) }
    let function =
      switch kind {
      case .negativeBinomial: ck_negative_binomial_log
      case .beta: ck_beta_log
      case .poisson, .discretizedLogistic: ck_discretized_logistic_log
      }
    function(pass.pool, n, a, b, pass.inputs[2].pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    if kind == .poisson { return backwardByMean(pass) }
    let function =
      switch kind {
      case .negativeBinomial: ck_negative_binomial_log_backward
      case .beta: ck_beta_log_backward
      case .poisson, .discretizedLogistic: ck_discretized_logistic_log_backward
      }
    function(
      pass.pool, pass.outputGradient.count, pass.inputs[0].pointer, pass.inputs[1].pointer,
      pass.inputs[2].pointer, pass.outputGradient.pointer, pass.target(0), pass.target(1))
  }

  private func backwardByMean(_ pass: BackwardPass) {
    ck_poisson_log_backward(
      pass.pool, pass.outputGradient.count, pass.inputs[0].pointer, pass.inputs[1].pointer,
      pass.outputGradient.pointer, pass.target(0))
  }
}
