import ExptComponents
import ExptTensor

/// Multiplies each number by a factor and adds another, both fixed: `y = factor·x + shift`.
///
/// At the beginning of an encoder `{ type: rescale, shift: -0.5 }` shows it pixels of −½ … ½, and
/// `{ type: rescale, factor: 0.5, shift: 0.5 }` behind a tanh ends a decoder in 0 … 1. Its mirror undoes it.
public struct RescaleLayer: Layer {
  public static let id = "rescale"
  public static let summary = "Multiplies each number by a fixed factor and adds another."
  public static let exampleSettings = "{ factor: 2, shift: -1 }"

  @Setting("What each number is multiplied by; not 0.") public var factor: Float = 1
  @Setting("What is added then.") public var shift: Float = 0

  public init() {}

  public func check(_ report: SettingsReport) {
    guard factor == 0 else { return }
    report.error(
      "a factor of 0 makes all numbers the same", at: "factor",
      help: "leave the layer out, or choose another")
  }

  public func apply(_ x: Tensor, in scope: Scope) -> Tensor {
    scope.layer(formula) { x * factor + shift }
  }

  /// `rescale: 0.5·x + 0.5`.
  private var formula: String {
    let scaled = factor == 1 ? "x" : "\(factor)·x"
    return "rescale: \(scaled)" + (shift == 0 ? "" : shift < 0 ? " − \(-shift)" : " + \(shift)")
  }

  public func mirrored(from input: Shape, to output: Shape) -> (any Layer)? {
    var mirror = self
    (mirror.factor, mirror.shift) = (1 / factor, -shift / factor)
    return mirror
  }
}
