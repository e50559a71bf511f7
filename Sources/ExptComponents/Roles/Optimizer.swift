import ExptTensor

/// Turns gradients into a step of the parameters.
public protocol Optimizer: Component {
  /// Learning rate, schedule, weight decay and clipping: `@Group var step = StepSettings()`.
  var step: StepSettings { get }

  /// The names of the arrays it keeps beside the parameters, each as long as they are and zero at
  /// first: `["mean", "square"]`. They go into checkpoints.
  var slots: [String] { get }

  /// Updates all parameters in one pass. May change the gradients.
  func update(_ update: ParameterUpdate)
}

/// An optimizer whose step changes every parameter by itself, from its own gradient: the trainer may
/// take it parameter by parameter, as gradients become known.
public protocol ElementwiseOptimizer: Optimizer {
  /// The step, not yet taken: `FusedUpdate(update, step).adam(…)`.
  func rule(_ update: ParameterUpdate) -> UpdateRule
}

extension ElementwiseOptimizer {
  public func update(_ update: ParameterUpdate) { rule(update).apply() }
}

/// What an optimizer's step works on: flat arrays of equal length over all trainable parameters.
public struct ParameterUpdate {
  public let values: UnsafeMutableBufferPointer<Float>
  public let gradients: UnsafeMutableBufferPointer<Float>
  /// In the order of `Optimizer.slots`.
  public let slots: [UnsafeMutableBufferPointer<Float>]
  /// The number of this step, from 1.
  public let step: Int
  public let learningRate: Double
  public let pool: ThreadPool

  public init(
    values: UnsafeMutableBufferPointer<Float>, gradients: UnsafeMutableBufferPointer<Float>,
    slots: [UnsafeMutableBufferPointer<Float>], step: Int, learningRate: Double, pool: ThreadPool
  ) {
    self.values = values
    self.gradients = gradients
    self.slots = slots
    self.step = step
    self.learningRate = learningRate
    self.pool = pool
  }
}

extension Role where Value == any Optimizer {
  public static var optimizer: Self {
    Role(
      "optimizer", title: "optimizer", includes: { $0 is any Optimizer.Type },
      cast: { $0 as? any Optimizer })
  }
}
