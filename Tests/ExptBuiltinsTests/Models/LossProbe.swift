import ExptComponents
import ExptTensor
import ExptTesting

/// A model's loss on a batch, as numbers.
struct LossProbe {
  /// By name: total, reconstruction, kl, and `klPerDimension`, `decoded` with all their values.
  let values: [String: [Float]]

  static let batch = 6
  static let image: Shape = [1, 4, 4]
  static let images = TestNumbers.uniform(batch * image.count, in: 0...1, seed: 21)

  /// - Parameter scale: All parameters are multiplied by it, so that posteriors differ from the
  ///   prior.
  init(
    _ model: any Model, beta: Float = 1, klTarget: Float? = nil, mode: Mode = .training,
    seed: UInt64 = 1, position: UInt64 = 0, scale: Float = 3
  ) throws {
    let graph = Graph(mode: mode, parameters: ParameterSet())
    let means = [Float](repeating: 0.4, count: Self.image.count)
    let scope = Scope(graph, data: DataFacts(image: Self.image) { means })
    let terms = try model.loss(Batch(Self.batch, in: scope), in: LossPass(scope: scope))
    let store = ParameterStore(graph.parameters)
    store.initialise(seed: seed)
    for index in store.values.indices { store.values[index] *= scale }
    let run = RunContext(pool: ThreadPool(threads: 1), seed: seed)
    run.position = position
    var named = [
      ("total", terms.total), ("reconstruction", terms.reconstruction), ("decoded", terms.decoded),
    ]
    if let kl = terms.kl { named.append(("kl", kl)) }
    if let kl = terms.klPerDimension { named.append(("klPerDimension", kl)) }
    let plan = Plan(
      graph, loss: terms.total, outputs: named.map(\.1), store: store, arena: Arena(), run: run)
    _ = plan.input("images")?.update(fromContentsOf: Self.images)
    for scalar in graph.scalars { plan.setScalar(scalar.name, Float(scalar.source.target.value)) }
    plan.setScalar("beta", beta)
    if let klTarget { plan.setScalar("capacity", klTarget) }
    plan.forward()
    values = Dictionary(uniqueKeysWithValues: named.map { ($0, Array(plan.value(of: $1))) })
  }

  subscript(name: String) -> Double { Double(values[name]?.first ?? .nan) }
  var klPerDimension: [Double] { (values["klPerDimension"] ?? []).map(Double.init) }
}

/// Settings of a small network, to be followed by a model's own.
let small = "latent: 3, encoder: {type: mlp, hidden: [12]}"
