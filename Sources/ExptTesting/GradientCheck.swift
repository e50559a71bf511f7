import ExptTensor

/// Compares the gradient that a graph computes with finite differences along one random direction.
///
///     let check = GradientCheck([.normal([5, 7]), .normal([3, 7])]) { _, x in
///       linear(x[0], weight: x[1])
///     }
///     #expect(check.relativeError < 5e-3, "\(check)")
///
/// The loss is Σ cᵢ·yᵢ over the closure's result y, of any shape, with fixed random weights c, so
/// that an error in any element shows. The direction u is a unit vector over all inputs and all
/// trainable parameters together; the expected slope is (L(θ + εu) − L(θ − εu)) / 2ε, with ε = 0.03
/// and L summed in Double. What `stopGradient` holds back is the same at both ends, and so are scalars
/// that follow a schedule, at their targets. Noise drawn inside the graph is the same at both ends. A kink (of ReLU, of
/// |x|) between the two ends is an error of the method: use another seed or a smaller ε there.
///
/// Source of the method: `check_grads` in JAX's public test utilities.
public struct GradientCheck: CustomStringConvertible {
  /// The slope along the direction by the graph's gradient.
  public let gradient: Double
  /// The same by finite differences.
  public let differences: Double
  public let seed: UInt64

  public var relativeError: Double {
    let scale = max(abs(gradient), abs(differences))
    return scale == 0 ? 0 : abs(gradient - differences) / scale
  }

  public var description: String {
    "slope by gradient \(gradient), by differences \(differences), seed \(seed)"
  }

  /// Which way the function is followed.
  public enum Direction: Sendable {
    /// Any way: it sees every error, and suits functions of some hundred numbers. Over many numbers
    /// the slope is small beside the rounding errors of the loss, and beside a relu's kinks.
    case random
    /// Roughly up the gradient, each input and parameter counting the same: for whole networks. The
    /// slope is large; an error that is small everywhere can hide in it.
    case uphill
  }

  /// - Parameters:
  ///   - inputs: Shapes and first values of the tensors that the closure gets.
  ///   - mode: Whether the graph is recorded for training or evaluation.
  ///   - seed: Decides all values, the direction and the noise.
  ///   - build: Records the function on the graph. It may make parameters.
  public init(
    _ inputs: [GradientInput], mode: Mode = .training, seed: UInt64 = 1, epsilon: Float = 0.03,
    along way: Direction = .random, threads: Int = 1, build: (Graph, [Tensor]) throws -> Tensor
  ) rethrows {
    let subject = try Subject(
      inputs, mode: mode, seed: seed, threads: threads, build: build)
    let gradients = subject.gradients()
    let direction = subject.unitDirection(way, gradients)
    self.seed = seed
    gradient = zip(gradients, direction).reduce(0) { sum, pair in
      sum + zip(pair.0, pair.1).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let ahead = subject.loss(at: epsilon, along: direction)
    let behind = subject.loss(at: -epsilon, along: direction)
    differences = (ahead - behind) / (2 * Double(epsilon))
  }
}

/// An input of a `GradientCheck`.
public struct GradientInput: Sendable {
  public var shape: Shape
  /// Values are drawn uniformly from here; nil: from the standard normal distribution.
  public var range: ClosedRange<Float>?
  /// Whether the function is differentiated by it; targets and labels are not.
  public var isVariable: Bool

  public static func normal(_ shape: Shape) -> GradientInput {
    GradientInput(shape: shape, range: nil, isVariable: true)
  }

  public static func uniform(_ shape: Shape, _ range: ClosedRange<Float>) -> GradientInput {
    GradientInput(shape: shape, range: range, isVariable: true)
  }

  /// Fixed values, such as targets, drawn uniformly from `range`.
  public static func fixed(_ shape: Shape, _ range: ClosedRange<Float>) -> GradientInput {
    GradientInput(shape: shape, range: range, isVariable: false)
  }
}

/// The function under test with its memory.
private final class Subject {
  private let plan: Plan
  private let store: ParameterStore
  private let terms: Tensor
  private let seed: UInt64
  private let inputs: [GradientInput]
  private let tensors: [Tensor]
  /// The variable inputs' memory, then the trainable parameters'.
  private let variables: [UnsafeMutableBufferPointer<Float>]
  private let start: [[Float]]

  init(
    _ inputs: [GradientInput], mode: Mode, seed: UInt64, threads: Int,
    build: (Graph, [Tensor]) throws -> Tensor
  ) rethrows {
    let graph = Graph(mode: mode, parameters: ParameterSet(), holdsStops: true)
    tensors = inputs.enumerated().map { index, input in
      graph.input("input \(index)", input.shape, wantsGradient: input.isVariable)
    }
    terms = try build(graph, tensors)
    let weightInput = graph.input("weights", terms.shape)
    let loss = graph.record(WeightedTotal(), inputs: [terms, weightInput], shape: .scalar)
    let store = ParameterStore(graph.parameters)
    store.initialise(seed: seed)
    let plan = Plan(
      graph, loss: loss, outputs: [terms], store: store, arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: threads), seed: seed))
    var variables: [UnsafeMutableBufferPointer<Float>] = []
    for (index, input) in inputs.enumerated() {
      guard let memory = plan.input("input \(index)") else { continue }
      fill(memory, seed: seed, stream: "input \(index)", range: input.range)
      if input.isVariable { variables.append(memory) }
    }
    for spec in store.specs where !spec.isState {
      if let parameter = store[spec.name] { variables.append(parameter.values) }
    }
    if let memory = plan.input("weights") {
      fill(memory, seed: seed, stream: "weights", range: nil)
    }
    plan.setScalars(of: graph)
    plan.annotate()
    self.plan = plan
    self.store = store
    self.seed = seed
    self.inputs = inputs
    self.variables = variables
    start = variables.map(Array.init)
  }

  /// The gradients by the variables, in their order.
  func gradients() -> [[Float]] {
    plan.forward()
    plan.backward()
    let byInputs = zip(inputs, tensors).filter { $0.0.isVariable }.map { _, tensor in
      plan.gradient(of: tensor).map(Array.init) ?? Array(repeating: 0, count: tensor.shape.count)
    }
    let byParameters = store.specs.filter { !$0.isState }.compactMap {
      store.gradient(of: $0.name).map { Array($0.values) }
    }
    return byInputs + byParameters
  }

  func unitDirection(_ way: GradientCheck.Direction, _ gradients: [[Float]]) -> [[Float]] {
    let drawn = gradients.enumerated().map { index, gradient in
      var values = gradient
      values.withUnsafeMutableBufferPointer {
        fill($0, seed: seed, stream: "direction \(index)", range: nil)
      }
      if way == .random { return values }
      let uphill = zip(values, gradient).map { abs($0) * $1 }
      let length = uphill.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      return length == 0 ? uphill : uphill.map { Float(Double($0) / length) }
    }
    let length = drawn.joined().reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    if length == 0 { return drawn }
    return drawn.map { $0.map { Float(Double($0) / length) } }
  }

  func loss(at step: Float, along direction: [[Float]]) -> Double {
    for (variable, (origin, way)) in zip(variables, zip(start, direction)) {
      for index in variable.indices { variable[index] = origin[index] + step * way[index] }
    }
    plan.forward()
    guard let weights = plan.input("weights") else { return 0 }
    return zip(plan.value(of: terms), weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}

private func fill(
  _ memory: UnsafeMutableBufferPointer<Float>, seed: UInt64, stream: String,
  range: ClosedRange<Float>?
) {
  let stream = Random.stream("gradient check/" + stream)
  guard let range else { return Random.fillNormal(memory, seed: seed, stream: stream) }
  Random.fillUniform(memory, seed: seed, stream: stream)
  for index in memory.indices {
    memory[index] = range.lowerBound + memory[index] * (range.upperBound - range.lowerBound)
  }
}
