import ExptComponents
import ExptTensor

/// An activation by its name alone, for architectures that use one throughout.
public enum ActivationChoice: String, NamedChoice {
  case none, relu
  case leakyReLU = "leaky_relu"
  case elu, gelu, silu, tanh, sigmoid, softplus

  /// With PyTorch's defaults: slope 0.01 for leaky ReLU, α = 1 for ELU.
  public var activation: Activation {
    switch self {
    case .none: .none
    case .relu: .relu
    case .leakyReLU: .leakyReLU()
    case .elu: .elu()
    case .gelu: .gelu
    case .silu: .silu
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .softplus: .softplus
    }
  }
}
