import ExptComponents
import ExptTensor

/// What both kinds of pooling have.
public struct PoolingSettings: Settings {
  @Setting("Side of the square windows.", .within(1...1024)) public var kernel: Int = 2
  @Setting("How far windows are apart; null: the kernel's side.", .within(1...1024))
  public var stride: Int? = nil
  @Setting(
    "Rows and columns around the image that count for nothing, at most half of the kernel.",
    .within(0...512))
  public var padding: Int = 0

  public init() {}

  public func check(_ report: SettingsReport) {
    guard 2 * padding > kernel else { return }
    report.error(
      "'padding' must be at most half of the kernel, which is \(kernel)", at: "padding",
      help: "windows at the edge would be empty")
  }

  /// The layer that enlarges what was pooled.
  ///
  /// - Throws: `BuildProblem` unless each side was divided by the same whole number.
  func mirror(_ id: String, from input: Shape, to output: Shape) throws(BuildProblem)
    -> (any Layer)?
  {
    if input == output { return nil }
    let factor = output[1] > 0 ? input[1] / output[1] : 0
    guard input[1] == output[1] * factor, input[2] == output[2] * factor else {
      throw BuildProblem(
        "the layer '\(id)' from \(input) to \(output) has no mirror: no whole factor leads back",
        help: "pool sides that the stride divides, or write the decoder's layers out")
    }
    return UpsampleLayer(factor: factor)
  }
}

/// The mean of each window of a map; padding is not counted.
///
/// The mirror is `upsample`.
public struct AveragePoolLayer: Layer {
  public static let id = "avg_pool"
  public static let summary = "The mean of each window of a map."

  @Group public var windows = PoolingSettings()

  public init() {}

  public func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    try pooling(
      x, .average, kernel: windows.kernel, stride: windows.stride, padding: windows.padding,
      in: scope)
  }

  public func mirrored(from input: Shape, to output: Shape) throws(BuildProblem) -> (any Layer)? {
    try windows.mirror(Self.id, from: input, to: output)
  }
}

/// The largest number of each window of a map. The gradient goes to the first of several equal ones.
///
/// The mirror is `upsample`.
public struct MaxPoolLayer: Layer {
  public static let id = "max_pool"
  public static let summary = "The largest number of each window of a map."

  @Group public var windows = PoolingSettings()

  public init() {}

  public func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    try pooling(
      x, .maximum, kernel: windows.kernel, stride: windows.stride, padding: windows.padding,
      in: scope)
  }

  public func mirrored(from input: Shape, to output: Shape) throws(BuildProblem) -> (any Layer)? {
    try windows.mirror(Self.id, from: input, to: output)
  }
}
