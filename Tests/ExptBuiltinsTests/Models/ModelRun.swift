import ExptComponents
import ExptFiles
import ExptTensor
import ExptTesting

/// One step of a model on a batch, with parameters that are all drawn anew: its terms, gradients and noise.
struct ModelRun {
  static let batch = 6
  static let image: Shape = [1, 4, 4]
  static let images = TestNumbers.uniform(batch * image.count, in: 0...1, seed: 21)
  static let labels: [Float] = [0, 1, 2, 2, 1, 0]
  static let lot: [Float] = [0.1, 0.9, 0.3, 0.7, 0.55, 0.65]

  /// By name: `total`, `reconstruction`, `kl`, the model's own, and opponents'.
  private(set) var terms: [String: Float] = [:]
  private(set) var gradients: [(name: String, shape: Shape, values: [Float])] = []
  private(set) var parameters: [(name: String, shape: Shape, values: [Float])] = []
  private(set) var noise: [(name: String, shape: Shape, values: [Float])] = []

  /// - Parameters:
  ///   - noise: What the model draws, by stream, to be read too.
  ///   - gumbel: The same of Gumbel noise.
  ///   - set: Values of parameters in place of those drawn.
  init(
    _ model: any Model, noise streams: [String: Shape] = [:], gumbel: [String: Shape] = [:],
    classes: Int? = nil,
    scale: Float = 0.5, set: [String: [Float]] = [:], images: [Float] = images,
    image: Shape = image, pixelLots: [Float] = []
  ) throws {
    let graph = Graph(mode: .training, parameters: ParameterSet())
    let scope = Scope(
      graph,
      data: DataFacts(image: image, classes: classes) {
        Array(repeating: 0.4, count: image.count)
      })
    let batch = Batch(images.count / image.count, in: scope)
    let terms = try model.loss(batch, in: LossPass(scope: scope))
    // `style/latent` is the stream `latent` within the group `style`.
    func recorded(_ name: String, _ record: (String) -> Tensor) -> (String, Tensor) {
      let parts = name.split(separator: "/").map(String.init)
      guard parts.count == 2 else { return (name, record(name)) }
      return (name, graph.within(parts[0]) { record(parts[1]) })
    }
    let drawn =
      streams.map { name, shape in recorded(name) { graph.normal(shape, stream: $0) } }
      + gumbel.map { name, shape in recorded(name) { graph.gumbel(shape, stream: $0) } }
    var named = [("total", terms.total), ("reconstruction", terms.reconstruction)] + terms.extra
    if let kl = terms.kl { named.append(("kl", kl)) }
    for opponent in terms.opponents {
      named.append((opponent.name + "_loss", opponent.value))
      if let accuracy = opponent.accuracy { named.append((opponent.name + "_accuracy", accuracy)) }
    }
    let store = ParameterStore(graph.parameters)
    let plan = Plan(
      graph, loss: terms.opponents.reduce(terms.total) { $0 + $1.value },
      outputs: named.map(\.1) + drawn.map(\.1), store: store, arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: 1), seed: 4))
    for (index, spec) in store.specs.enumerated() {
      let values =
        set[spec.name]
        ?? TestNumbers.normal(spec.shape.count, seed: UInt64(100 + index)).map { $0 * scale }
      _ = store[spec.name]?.values.update(fromContentsOf: values)
      parameters.append((spec.name, spec.shape, values))
    }
    _ = plan.input("images")?.update(fromContentsOf: images)
    _ = plan.input("labels")?.update(fromContentsOf: Self.labels)
    _ = plan.input(Batch.input(ofLot: "labels"))?.update(fromContentsOf: Self.lot)
    _ = plan.input(Batch.input(ofLot: "pixels"))?.update(fromContentsOf: pixelLots)
    for scalar in graph.scalars { plan.setScalar(scalar.name, Float(scalar.source.target.value)) }
    plan.forward()
    for (name, tensor) in named { self.terms[name] = plan.value(of: tensor)[0] }
    noise = drawn.map { ($0.0, $0.1.shape, Array(plan.value(of: $0.1))) }
    plan.backward()
    gradients = store.specs.compactMap { spec in
      store.gradient(of: spec.name).map { (spec.name, spec.shape, Array($0.values)) }
    }
  }

  subscript(name: String) -> Double { Double(terms[name] ?? .nan) }

  /// As `Tests/Python/models.py` reads it.
  func write(to path: String) throws {
    let width = Self.image.count
    var arrays: [(name: String, array: NPYArray)] = [
      ("images", NPYArray(shape: [Self.batch, width], floats: Self.images)),
      ("labels", NPYArray(shape: [Self.batch], floats: Self.labels)),
      ("lot", NPYArray(shape: [Self.batch], floats: Self.lot)),
    ]
    arrays += terms.map { ("t/" + $0.key, NPYArray(shape: [1], floats: [$0.value])) }
    for (prefix, tensors) in [("p/", parameters), ("g/", gradients), ("n/", noise)] {
      arrays += tensors.map {
        (prefix + $0.name, NPYArray(shape: $0.shape.dimensions, floats: $0.values))
      }
    }
    try NPZ.write(arrays, to: path)
  }
}
