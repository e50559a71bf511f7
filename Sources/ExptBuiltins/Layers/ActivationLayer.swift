import ExptComponents
import ExptTensor

/// A function of each element: a layer for every line of the table of activations, `elu` and `relu`,
/// with the parameter that the function takes.
///
/// A decoder for a Bernoulli must not end with one: the likelihood takes logits.
public struct ActivationLayer: Layer {
  public static let id = "activation"
  public static let summary = "An activation, applied to each element."
  /// The function `none` is for architectures; a layer that does nothing can be left out.
  public static let ids = Activation.all.filter { $0 != .none }.map(\.name)

  private let function: Activation
  private var parameter: Setting<Float>?

  public init() { self.init(.relu) }

  public init(id: String) { self.init(Activation(named: id) ?? .none) }

  public init(_ activation: Activation) {
    function = activation
    parameter = activation.parameterTaken.map { taken in
      let (least, most) = (Double(taken.range.lowerBound), Double(taken.range.upperBound))
      return Setting(
        wrappedValue: activation.parameter, taken.help, .within(least...most), named: taken.name)
    }
  }

  public var id: String { function.name }
  public var summary: String { function.formula + "." }

  /// The function, with the parameter that was set.
  public var activation: Activation {
    parameter.map { function.with(parameter: $0.wrappedValue) } ?? function
  }

  public func apply(_ x: Tensor, in scope: Scope) -> Tensor {
    scope.layer(function.name) { activate(x, activation) }
  }
}
