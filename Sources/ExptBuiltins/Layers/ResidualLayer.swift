import ExptComponents
import ExptTensor

/// Adds the output of `layers` to their input: `y = x + f(x)`.
///
/// In the mirror of a list it stays as it is.
///
/// Source: He et al., "Deep residual learning", CVPR 2016.
public struct ResidualLayer: Layer {
  public static let id = "residual"
  public static let summary = "Adds the output of the inner layers to their input."
  public static let exampleSettings = "{ layers: [relu, tanh] }"

  @Slots("The inner layers, whose output must have the shape of their input.", .layer)
  public var layers: [any Layer] = []

  public init() {}

  public init(_ layers: [any Layer]) { self.layers = layers }

  public func check(_ report: SettingsReport) {
    if layers.isEmpty {
      report.error("a residual block needs layers", at: "layers", help: "or leave it out")
    }
  }

  public func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    try locating("layers") { () throws(BuildProblem) in
      let change = try LayerSequence(layers: layers).apply(x, in: scope)
      guard change.shape == x.shape else {
        throw BuildProblem(
          "the layers of a residual block turn \(x.shape.withoutBatch) into "
            + "\(change.shape.withoutBatch), which cannot be added",
          help: "pad convolutions so that the size stays, and end with as many channels")
      }
      return scope.graph.within(scope.path) { x + change }
    }
  }
}
