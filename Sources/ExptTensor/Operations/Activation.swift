internal import CKernels

/// A function applied to every element. Linear layers and convolutions compute it in the last pass
/// of their product.
///
/// | | f(x) |
/// | --- | --- |
/// | `none` | x |
/// | `relu` | max(x, 0) |
/// | `leakyReLU` | x for x > 0, else slope·x |
/// | `elu` | x for x > 0, else α·(eˣ − 1) |
/// | `gelu` | x·Φ(x), with the error function |
/// | `silu` | x·σ(x) |
/// | `tanh` | tanh(x) |
/// | `sigmoid` | σ(x) = 1 / (1 + e⁻ˣ) |
/// | `softplus` | log(1 + eˣ) |
///
/// Sources: ELU: Clevert et al. 2016; GELU: Hendrycks & Gimpel 2016; SiLU: Elfwing et al. 2018.
public enum Activation: Sendable, Hashable {
  case none
  case relu
  /// - Parameter slope: At least 0. PyTorch's default is 0.01.
  case leakyReLU(slope: Float = 0.01)
  /// - Parameter alpha: At least 0. PyTorch's default is 1.
  case elu(alpha: Float = 1)
  case gelu
  case silu
  case tanh
  case sigmoid
  case softplus

  /// Its name in experiment files and layer tables.
  public var name: String {
    switch self {
    case .none: "none"
    case .relu: "relu"
    case .leakyReLU: "leaky_relu"
    case .elu: "elu"
    case .gelu: "gelu"
    case .silu: "silu"
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .softplus: "softplus"
    }
  }

  /// Whether f′(x) can be told from f(x) alone, so that a product with the activation in its last
  /// pass need not keep x.
  var isReversible: Bool {
    switch self {
    case .gelu, .silu: false
    case .none, .relu, .leakyReLU, .elu, .tanh, .sigmoid, .softplus: true
    }
  }

  /// What the kernels call it.
  var code: ck_activation {
    switch self {
    case .none: CK_ACTIVATION_NONE
    case .relu: CK_ACTIVATION_RELU
    case .leakyReLU: CK_ACTIVATION_LEAKY_RELU
    case .elu: CK_ACTIVATION_ELU
    case .gelu: CK_ACTIVATION_GELU
    case .silu: CK_ACTIVATION_SILU
    case .tanh: CK_ACTIVATION_TANH
    case .sigmoid: CK_ACTIVATION_SIGMOID
    case .softplus: CK_ACTIVATION_SOFTPLUS
    }
  }

  /// The slope of leaky ReLU, the α of ELU; 0 for others.
  public var parameter: Float { slope }

  /// The kernels' extra parameter.
  var slope: Float {
    switch self {
    case .leakyReLU(let slope): slope
    case .elu(let alpha): alpha
    default: 0
    }
  }
}
