internal import CKernels

/// A function applied to every element: one of the lines of `CKernels`' `activation.h`, which has
/// names, formulas, ranges and defaults. Linear layers and convolutions compute it in the last pass of
/// their product where they can.
///
/// Sources: ELU: Clevert et al. 2016; GELU: Hendrycks & Gimpel 2016; SiLU: Elfwing et al. 2018.
public struct Activation: Sendable, Hashable {
  /// Its line in the table.
  private let number: Int32
  /// The slope of leaky ReLU, the α of ELU; 0 for others.
  public let parameter: Float

  private init(_ activation: ck_activation, parameter: Float? = nil) {
    number = Int32(activation.rawValue)
    self.parameter = parameter ?? ck_activation_facts_of(number).parameter.initial
  }

  /// Every activation, with its default parameter: `none` first.
  public static let all: [Activation] = (0..<CK_ACTIVATION_COUNT.rawValue).map {
    Activation(ck_activation($0))
  }

  /// The one of this name, with its default parameter; nil if there is none.
  public init?(named name: String) {
    guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  /// The same function with another parameter.
  public func with(parameter: Float) -> Activation { Activation(code, parameter: parameter) }

  /// Its name in experiment files and layer tables: `leaky_relu`.
  public var name: String { String(cString: facts.name) }

  /// Its formula in x: `max(x, 0)`.
  public var formula: String { String(cString: facts.formula) }

  /// The range of its values; infinite where unbounded.
  public var range: (lower: Float, upper: Float) {
    let range = ck_activation_range(number, parameter)
    return (range.lower, range.upper)
  }

  /// What to know about the parameter that a function takes besides x.
  public struct Parameter: Sendable, Hashable {
    /// `slope`.
    public let name: String
    /// What it does, in a sentence.
    public let help: String
    public let range: ClosedRange<Float>
  }

  /// The parameter that it takes; nil for a function without.
  public var parameterTaken: Parameter? {
    let parameter = facts.parameter
    let name = String(cString: parameter.name)
    guard !name.isEmpty else { return nil }
    return Parameter(name: name, help: String(cString: parameter.help), range: 0...parameter.most)
  }

  /// Whether f′(x) can be told from f(x) alone, so that a product with the activation in its last
  /// pass need not keep x.
  var isReversible: Bool { facts.from_output != 0 }

  /// What the kernels call it.
  var code: ck_activation { ck_activation(UInt32(number)) }

  private var facts: ck_activation_facts { ck_activation_facts_of(number) }
}

extension Activation {
  public static let none = Activation(CK_ACTIVATION_NONE)
  public static let relu = Activation(CK_ACTIVATION_RELU)
  public static let gelu = Activation(CK_ACTIVATION_GELU)
  public static let silu = Activation(CK_ACTIVATION_SILU)
  public static let tanh = Activation(CK_ACTIVATION_TANH)
  public static let sigmoid = Activation(CK_ACTIVATION_SIGMOID)
  public static let softplus = Activation(CK_ACTIVATION_SOFTPLUS)

  /// - Parameter slope: At least 0. The default is PyTorch's.
  public static func leakyReLU(slope: Float = 0.01) -> Activation {
    Activation(CK_ACTIVATION_LEAKY_RELU, parameter: slope)
  }

  /// - Parameter alpha: At least 0. The default is PyTorch's.
  public static func elu(alpha: Float = 1) -> Activation {
    Activation(CK_ACTIVATION_ELU, parameter: alpha)
  }
}
