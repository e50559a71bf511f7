import ExptComponents
import ExptDocument
import ExptTensor

/// How far the pixels of an image may be from the decoder's location.
public enum PixelScale: Sendable, Hashable {
  /// This far.
  case fixed(Float)
  /// As far as training finds, the same for all pixels.
  case shared
  /// As far as the decoder says for each pixel.
  case perPixel
}

extension PixelScale: SettingValue {
  public static var expectation: String { "a number, shared or per_pixel" }

  public static func read(_ node: Node) -> PixelScale? {
    if let number = Float.read(node) { return .fixed(number) }
    switch node.scalar?.text {
    case "shared": return .shared
    case "per_pixel": return .perPixel
    default: return nil
    }
  }

  public static func mistake(in node: Node) -> ValueMistake {
    let match = node.scalar.flatMap { closestMatch(to: $0.text, among: ["shared", "per_pixel"]) }
    return ValueMistake(
      node: node, expectation: expectation, help: match.map { "did you mean '\($0)'?" })
  }

  public var plain: PlainValue {
    switch self {
    case .fixed(let number): .float(number)
    case .shared: .string("shared")
    case .perPixel: .string("per_pixel")
    }
  }

  public var numbers: [Double] {
    if case .fixed(let number) = self { [Double(number)] } else { [] }
  }

  public static func schema(limits: Limits) -> PlainValue {
    .mapping([
      PlainEntry(
        "anyOf",
        .list([
          Float.schema(limits: limits),
          .mapping([PlainEntry("enum", .list([.string("shared"), .string("per_pixel")]))]),
        ]))
    ])
  }
}

/// The scale of a likelihood that has one, the same settings for all.
///
/// A learned scale is the exponential of a number that training changes, `log_scale`, or of a second
/// set of maps from the decoder; it is kept from `min_scale` to e⁵, since a scale of 0 would make a
/// perfect pixel infinitely probable.
public struct ScaleSettings: Settings {
  @Setting("The scale in units of the pixel range 0 … 1, or how it is learned.", .above(0))
  public var scale: PixelScale = .shared
  @Setting("Initial value of a learned scale.", .above(0)) public var initialScale: Float = 0.2
  @Setting("Lower bound of a learned scale.", .above(0)) public var minScale: Float = 0.01

  public init() {}

  init(minScale: Float) { self.minScale = minScale }

  public func check(_ report: SettingsReport) {
    if case .fixed = scale { return }
    if initialScale < minScale {
      report.warning(
        "'initial_scale' is below 'min_scale': the scale starts at \(minScale)",
        at: "initial_scale")
    }
  }

  /// The scale in a formula.
  var symbol: String {
    if case .fixed = scale { "{s=scale}" } else { "s" }
  }

  /// How a learned scale comes about, behind a formula.
  var course: String {
    switch scale {
    case .fixed: ""
    case .shared: ",  s learned, from {s₀=initial_scale}"
    case .perPixel: ",  s of each pixel from decode(z)"
    }
  }

  var parametersPerPixel: Int { scale == .perPixel ? 2 : 1 }

  /// The location's maps among the decoder's.
  func location(_ parameters: Tensor) -> Tensor {
    scale == .perPixel ? parameters.columns(0..<parameters.shape[1] / 2) : parameters
  }

  /// The logarithm of the scale: a scalar, or of the location's shape.
  func logScale(_ parameters: Tensor, in scope: Scope) -> Tensor {
    let start = logarithm(max(initialScale, minScale))
    switch scale {
    case .fixed(let number): return scope.graph.constant(logarithm(number))
    case .shared:
      return scope.layer("one learned scale") {
        clamp(scope.parameter("log_scale", .scalar, .constant(start)), range)
      }
    case .perPixel:
      let maps = parameters.shape[1]
      return clamp(parameters.columns(maps / 2..<maps) + start, range)
    }
  }

  private var range: ClosedRange<Float> {
    let lowest = logarithm(minScale)
    return lowest...max(lowest, 5)
  }

  private func logarithm(_ x: Float) -> Float { Float(RepeatableMath.log(Double(x))) }
}
