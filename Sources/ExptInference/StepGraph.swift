public import ExptComponents
public import ExptTensor

/// The graph of one batch: examples in, loss terms out.
public struct StepGraph {
  public let graph: Graph
  public let batch: Int
  public let facts: DataFacts
  public let terms: LossTerms
  /// What is differentiated: the model's loss and its opponents', whose gradients do not meet.
  public let objective: Tensor
  /// The loss with the weights of the objective at their schedules' targets, which epochs are judged
  /// by; nil if the loss is that already.
  public let judged: Tensor?
  /// The likelihood's mean for the examples, `[batch, channels, height, width]`.
  public let reconstruction: Tensor

  /// More layers than anybody trains, and few enough to plan quickly.
  static let largestDepth = 4000

  /// What `metrics.csv` calls `judged`, behind `train_` and `validation_`.
  public static let judgedName = "loss_at_target"

  /// What `metrics.csv` calls the share that an opponent gets right.
  public static func accuracyName(of opponent: String) -> String { "\(opponent)_accuracy" }

  /// Records `model`'s loss for a batch. Allocates nothing.
  ///
  /// - Parameters:
  ///   - judges: Whether to record the loss that epochs are judged by, if it is another.
  ///   - recomputes: See `Graph`.
  /// - Throws: `BuildProblem` if the model's settings do not fit the data.
  public init(
    _ model: any Model, data: DataFacts, batch count: Int, mode: Mode, parameters: ParameterSet,
    judges: Bool = false, recomputes: Bool = false
  ) throws(BuildProblem) {
    let graph = Graph(mode: mode, parameters: parameters, recomputes: recomputes)
    let scope = Scope(graph, data: data)
    let batch = Batch(count, in: scope)
    let examples = batch.examples
    let terms = try model.loss(batch, in: LossPass(scope: scope))
    judged = judges ? Self.judged(terms.total, in: graph) : nil
    self.terms = terms
    self.batch = count
    facts = data
    objective = terms.opponents.reduce(terms.total) { $0 + $1.value }
    reconstruction = model.parts.likelihood.following(data.table).mean(
      terms.decoded, in: scope.child("likelihood"))
    guard graph.layers.count <= Self.largestDepth else {
      throw BuildProblem(
        "the model has \(graph.layers.count) layers, and at most \(Self.largestDepth) are supported",
        help: "use fewer layers, such as one wider layer in place of several")
    }
    guard reconstruction.shape == examples.shape else {
      throw BuildProblem(
        "the reconstruction is \(reconstruction.shape), the images are \(examples.shape)",
        help: "make the decoder end in the images' own shape", at: ["decoder"])
    }
    self.graph = graph
    try checkOpponents()
  }

  /// The loss at the targets of those weights that move; nil if none does.
  private static func judged(_ total: Tensor, in graph: Graph) -> Tensor? {
    let moving = graph.scalars.filter { $0.isObjective && $0.source.target.isMoving }
    guard !moving.isEmpty else { return nil }
    return graph.replacing(
      moving.map {
        (tensor: graph.scalar($0.name), with: graph.constant(Float($0.source.target.value)))
      }, in: total)
  }

  /// Checks that no loss has a gradient by another's parameters: each step then is what it says.
  private func checkOpponents() throws(BuildProblem) {
    let own = graph.groupsReached(from: terms.total).subtracting([""])
    if let name = own.min() {
      throw BuildProblem(
        "the model's loss has a gradient with respect to the parameters of its opponent '\(name)'",
        help: "use the opponent with frozen parameters")
    }
    for opponent in terms.opponents {
      let others = graph.groupsReached(from: opponent.value).subtracting([opponent.name])
      guard let name = others.min() else { continue }
      throw BuildProblem(
        "the loss of the opponent '\(opponent.name)' has a gradient with respect to the parameters of "
          + (name.isEmpty ? "the model" : "'\(name)'"),
        help: "stop the gradient of its inputs")
    }
  }

  /// The columns of `metrics.csv` that a batch contributes, in order, with their tensors.
  public var columns: [(name: String, value: Tensor)] {
    var columns = [("loss", terms.total), ("reconstruction", terms.reconstruction)]
    if let kl = terms.kl { columns.append(("kl", kl)) }
    columns += terms.extra.map { ($0.name, $0.value) }
    for opponent in terms.opponents {
      columns.append(("\(opponent.name)_loss", opponent.value))
      if let accuracy = opponent.accuracy {
        columns.append((Self.accuracyName(of: opponent.name), accuracy))
      }
    }
    if let judged { columns.append((Self.judgedName, judged)) }
    return columns
  }
}
