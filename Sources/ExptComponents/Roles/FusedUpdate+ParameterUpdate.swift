import ExptTensor

extension FusedUpdate {
  /// The fused kernels over what an optimizer's step works on.
  public init(_ update: ParameterUpdate, _ step: StepSettings) {
    self.init(
      values: update.values, gradients: update.gradients,
      learningRate: Double(update.learningRate), weightDecay: Double(step.weightDecay),
      pool: update.pool)
  }
}
