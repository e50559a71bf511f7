public import ExptTensor

extension Activation {
  /// What its results lie between; infinite where nothing bounds them.
  public var range: (lower: Float, upper: Float) {
    switch name {
    case "sigmoid": (0, 1)
    case "tanh": (-1, 1)
    case "relu", "softplus": (0, .infinity)
    case "elu": (-parameter, .infinity)
    case "gelu": (-0.17, .infinity)
    case "silu": (-0.279, .infinity)
    default: (-.infinity, .infinity)
    }
  }
}
