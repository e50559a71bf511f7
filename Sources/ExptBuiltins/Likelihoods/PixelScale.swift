import ExptComponents
import ExptDocument
import ExptTensor

/// How a positive number of a likelihood is found, such as the scale of its distribution.
public enum PixelScale: Sendable, Hashable {
  /// This one.
  case fixed(Float)
  /// One that training finds, the same for all pixels.
  case shared
  /// One that training finds for each pixel (each column of a table), the same for all images.
  case perFeature
  /// One that the decoder says for each pixel of each image.
  case perPixel
  /// The best one for the images of a batch, in closed form.
  case optimal

  fileprivate static let named: [(name: String, value: PixelScale)] = [
    ("shared", .shared), ("per_feature", .perFeature), ("per_pixel", .perPixel),
    ("optimal", .optimal),
  ]

  fileprivate static var names: [String] { named.map(\.name) }
}

extension PixelScale: SettingValue {
  public static var expectation: String { "a number, shared, per_feature, per_pixel or optimal" }

  public static func read(_ node: Node) -> PixelScale? {
    if let number = Float.read(node) { return .fixed(number) }
    return named.first { $0.name == node.scalar?.text }?.value
  }

  public static func mistake(in node: Node) -> ValueMistake {
    let match = node.scalar.flatMap { closestMatch(to: $0.text, among: names) }
    return ValueMistake(
      node: node, expectation: expectation, help: match.map { "did you mean '\($0)'?" })
  }

  public var plain: PlainValue {
    if case .fixed(let number) = self { return .float(number) }
    return .string(Self.named.first { $0.value == self }?.name ?? "shared")
  }

  public var numbers: [Double] {
    if case .fixed(let number) = self { number.numbers } else { [] }
  }

  public static func schema(limits: Limits) -> PlainValue {
    .mapping([
      PlainEntry(
        "anyOf",
        .list([
          Float.schema(limits: limits),
          .mapping([PlainEntry("enum", .list(names.map(PlainValue.string)))]),
        ]))
    ])
  }
}

/// A positive number of a likelihood while a graph is recorded: the exponential of a parameter, or of
/// one of the decoder's sets of maps, kept within a range.
struct PositiveNumber {
  var choice: PixelScale
  /// `scale`: the parameter is `log_scale`.
  var name: String
  /// What a learned one is at first.
  var start: Float
  /// Where its logarithm is kept.
  var logarithms: ClosedRange<Float>

  /// Sets of maps that the decoder gives for it.
  var maps: Int { choice == .perPixel ? 1 : 0 }

  /// Its logarithm: a scalar, or of the location's shape.
  ///
  /// - Parameter maps: The decoder's maps for it, where there are some.
  func logarithm(_ maps: Tensor?, like location: Tensor, in scope: Scope) -> Tensor {
    let first = max(naturalLogarithm(start), logarithms.lowerBound)
    switch choice {
    case .fixed(let number): return scope.graph.constant(naturalLogarithm(number))
    case .perFeature:
      return scope.layer("a learned \(name) for each feature") {
        let feature = location.shape.withoutBatch
        let parameter = scope.parameter("log_\(name)", feature, .constant(first))
        return clamp(parameter, logarithms).stretched(like: location)
      }
    case .perPixel: return clamp((maps ?? location) + first, logarithms)
    case .shared, .optimal:
      return scope.layer("one learned \(name)") {
        clamp(scope.parameter("log_\(name)", .scalar, .constant(first)), logarithms)
      }
    }
  }
}

/// The natural logarithm, the same everywhere.
func naturalLogarithm(_ x: Float) -> Float { Float(RepeatableMath.log(Double(x))) }

extension Tensor {
  /// A scalar, or one number for each value of an example, as a whole tensor.
  func stretched(like other: Tensor) -> Tensor {
    shape == other.shape ? self : graph.constant(0, other.shape) + self
  }

  /// Set `index` of `count` sets of maps, of as many channels each.
  func maps(_ index: Int, of count: Int) -> Tensor {
    let channels = shape[1] / count
    return count == 1 ? self : columns(index * channels..<(index + 1) * channels)
  }
}
