import ExptTesting
import Testing

@testable import ExptTensor

@Suite("A backward pass that takes the optimizer's step")
struct UpdatingBackwardTests {
  /// Two linear layers of their own, one weight used twice, a convolution, and a weight in a penalty.
  private func makeNetwork(threads: Int) -> (plan: Plan, store: ParameterStore) {
    let graph = Graph(mode: .training, parameters: ParameterSet())
    func weight(_ name: String, _ shape: Shape) -> Tensor {
      graph.parameter(name, shape, .fanIn(shape[1]))
    }
    let images = graph.input("images", [9, 1, 6, 6])
    let kernel = graph.parameter("kernel", [3, 1, 3, 3], .fanIn(9))
    let shared = weight("shared", [37, 37])
    let penalised = weight("penalised", [5, 21])
    var x = conv2d(images, weight: kernel, stride: 2, padding: 1).reshaped([9, 27])
    x = linear(
      x, weight: weight("first", [37, 27]), bias: graph.parameter("bias", [37], .zeros),
      activation: .tanh)
    x = linear(x, weight: shared, activation: .tanh)
    x = linear(x, weight: shared, activation: .relu)
    x = linear(x, weight: weight("last", [21, 37]))
    x = linear(x, weight: penalised)
    let loss = square(x).mean() + square(penalised).sum()
    let store = ParameterStore(graph.parameters)
    store.initialise(seed: 5)
    let run = RunContext(pool: ThreadPool(threads: threads), seed: 1)
    let plan = Plan(graph, loss: loss, store: store, arena: Arena(), run: run)
    _ = plan.input("images")?.update(from: TestNumbers.normal(9 * 36, seed: 6))
    return (plan, store)
  }

  /// The parameters and the state after three steps of Adam.
  private func trained(threads: Int, together: Bool) -> [UInt32] {
    let (plan, store) = makeNetwork(threads: threads)
    let count = store.values.count
    let state = (0..<2).map { _ in AlignedMemory.allocate(count) }
    defer { state.forEach(AlignedMemory.free) }
    for step in 1...3 {
      let rule = FusedUpdate(
        values: store.values, gradients: store.gradients, learningRate: 0.01, weightDecay: 0.1,
        pool: plan.run.pool
      ).adam(
        beta1: 0.9, beta2: 0.999, epsilon: 1e-8, count: step, isDecoupled: false, mean: state[0],
        square: state[1])
      plan.forward()
      if together {
        plan.backward(updating: rule)
      } else {
        plan.backward()
        rule.apply()
      }
    }
    return (Array(store.values) + Array(state[0]) + Array(state[1])).map(\.bitPattern)
  }

  @Test(arguments: [1, 2, 3])
  func `leaves the parameters of a backward pass and a step, bit by bit`(_ threads: Int) {
    #expect(trained(threads: threads, together: true) == trained(threads: 1, together: false))
  }

  @Test func `leaves no gradient by a weight that it has updated itself`() {
    let (plan, store) = makeNetwork(threads: 1)
    let rule = FusedUpdate(
      values: store.values, gradients: store.gradients, learningRate: 0.01, pool: plan.run.pool
    ).sgd(momentum: 0, nesterov: false, velocity: nil)
    plan.forward()
    plan.backward(updating: rule)
    func isWritten(_ name: String) -> Bool {
      store.gradient(of: name)?.values.contains { $0 != 0 } ?? false
    }
    #expect(["first", "last"].allSatisfy { !isWritten($0) })
    #expect(["shared", "kernel", "bias", "penalised"].allSatisfy(isWritten))
  }
}
