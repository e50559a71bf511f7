import ExptTensor

extension FusedUpdate {
  /// The fused kernels over what an optimizer's step works on.
  public init(_ update: ParameterUpdate, _ step: StepSettings) {
    self.init(
      values: update.values, gradients: update.gradients,
      learningRate: update.learningRate, weightDecay: step.weightDecay,
      pool: update.pool)
  }
}
