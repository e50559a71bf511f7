import ExptComponents
import ExptFiles
import ExptInference
import ExptTensor
import ExptTesting
import Foundation

/// Steps of a model on one batch, as training takes them but without an optimizer.
final class ModelStep {
  let step: StepGraph
  let store: ParameterStore
  private let plan: Plan
  private var images: [Float]
  private let named: [(name: String, value: Tensor)]

  /// - Parameters:
  ///   - scale: All parameters and vectors are multiplied by it after they are drawn.
  init(
    _ text: String, image: Shape = [1, 8, 8], batch: Int = 6, images: [Float]? = nil,
    mode: Mode = .training, seed: UInt64 = 3, scale: Float = 1
  ) throws {
    let model = try builtins.make(.model, text)
    let parameters = ParameterSet()
    let means = [Float](repeating: 0.4, count: image.count)
    step = try StepGraph(
      model, data: DataFacts(image: image) { means }, batch: batch, mode: mode,
      parameters: parameters)
    store = ParameterStore(parameters)
    store.initialise(seed: seed)
    for index in store.values.indices { store.values[index] *= scale }
    named =
      step.columns.map { ($0.name, $0.value) } + [("decoded", step.terms.decoded)]
      + step.terms.tallies.map { ($0.name, $0.sums) }
      + step.terms.firstValues.map { ("first " + $0.name, $0.value) }
    plan = Plan(
      step.graph, loss: mode == .training ? step.objective : nil, outputs: named.map(\.value),
      store: store, arena: Arena(), run: RunContext(pool: ThreadPool(threads: 1), seed: seed))
    self.images =
      images ?? TestNumbers.uniform(batch * image.count, in: 0...1, seed: 21)
    for scalar in step.graph.scalars {
      plan.setScalar(scalar.name, Float(scalar.source.target.value))
    }
    _ = plan.input("images")?.update(fromContentsOf: self.images)
  }

  func show(_ images: [Float]) {
    self.images = images
    _ = plan.input("images")?.update(fromContentsOf: images)
  }

  /// Computes the loss, its gradients and, in training, what state becomes.
  func run(movingState: Bool = true) {
    plan.forward()
    guard step.graph.mode == .training else { return }
    plan.backward()
    if movingState { plan.moveStates() }
  }

  subscript(name: String) -> [Float] {
    named.first { $0.name == name }.map { Array(plan.value(of: $0.value)) } ?? []
  }

  /// After `run`.
  func takeFirstValues() {
    for first in step.terms.firstValues { set(first.name, self["first " + first.name]) }
  }

  func parameter(_ name: String) -> [Float] { store[name].map { Array($0.values) } ?? [] }
  func gradient(_ name: String) -> [Float] {
    store.gradient(of: name).map { Array($0.values) } ?? []
  }
  func set(_ name: String, _ values: [Float]) {
    _ = store[name]?.values.update(fromContentsOf: values)
  }

  /// The parameters, the state and the images, as other programs read them.
  func file(settings: String) -> Safetensors {
    let trained = store.specs.filter { !$0.isState }.map { "\"\($0.name)\"" }
    let list = "\"trained\": [\(trained.joined(separator: ", "))]"
    var file = Safetensors(metadata: ["settings": "{\(list), \(settings)}"])
    for spec in store.specs {
      file.add(spec.name, shape: spec.shape.dimensions, floats: parameter(spec.name))
    }
    let shape = [step.batch] + step.facts.image.dimensions
    file.add("images", shape: shape, floats: images)
    return file
  }
}

/// The largest difference of two rows of numbers, relative to the largest number.
func relativeDifference(_ seen: [Float], _ expected: [Float]) -> Double {
  guard seen.count == expected.count else { return .infinity }
  let scale = expected.reduce(0) { max($0, abs(Double($1))) }
  let most = zip(seen, expected).reduce(0) { max($0, abs(Double($1.0) - Double($1.1))) }
  return most == 0 ? 0 : most / max(scale, 1e-12)
}
