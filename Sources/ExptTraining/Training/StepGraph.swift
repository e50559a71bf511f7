import ExptComponents
import ExptLayers
import ExptTensor

/// The graph of one batch: images in, loss terms out.
public struct StepGraph {
  public let graph: Graph
  public let terms: LossTerms
  /// The likelihood's mean for the images, `[batch, channels, height, width]`.
  public let reconstruction: Tensor

  /// More layers than anybody trains, and few enough to be planned in a moment.
  static let largestDepth = 4000
  static let images = "images"
  static let beta = "beta"
  static let klTarget = "kl_target"

  /// Records `model`'s loss for `batch` images. Allocates nothing.
  ///
  /// - Throws: `BuildProblem` where the model's settings do not fit the images.
  public init(
    _ model: any Model, data: DataFacts, batch: Int, mode: Mode, parameters: ParameterSet
  ) throws(BuildProblem) {
    let graph = Graph(mode: mode, parameters: parameters)
    let scope = Scope(graph, data: data)
    let images = graph.input(Self.images, data.image.batched(batch))
    let start = Progress(step: 0, stepsPerEpoch: 1, epochs: 1)
    let hasTarget = model.betaSchedule?.klTarget(start) != nil
    let pass = LossPass(
      scope: scope, beta: graph.scalar(Self.beta),
      klTarget: hasTarget ? graph.scalar(Self.klTarget) : nil)
    terms = try model.loss(images, in: pass)
    reconstruction = model.network.likelihood.mean(terms.decoded, in: scope.child("likelihood"))
    guard graph.layers.count <= Self.largestDepth else {
      throw BuildProblem(
        "the model has \(graph.layers.count) layers, and at most \(Self.largestDepth) are planned",
        help: "leave out layers, or make one wider layer of several")
    }
    guard reconstruction.shape == images.shape else {
      throw BuildProblem(
        "the reconstruction is \(reconstruction.shape), the images are \(images.shape)",
        help: "let the decoder end in the images' own shape", at: ["decoder"])
    }
    self.graph = graph
  }

  /// The columns of `metrics.csv` that a batch contributes, in order, with their tensors.
  public var columns: [(name: String, value: Tensor)] {
    var columns = [("loss", terms.total), ("reconstruction", terms.reconstruction)]
    if let kl = terms.kl { columns.append(("kl", kl)) }
    return columns + terms.extra.map { ($0.name, $0.value) }
  }
}
