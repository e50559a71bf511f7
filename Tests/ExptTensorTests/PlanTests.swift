import Testing

@testable import ExptTensor

/// x·y element by element, in plain Swift, so that plans are tested apart from the kernels.
private struct Product: Operation {
  let name = "product"
  var backwardReads: BackwardReads { .inputs }
  func forward(_ pass: ForwardPass) {
    for i in 0..<pass.output.count {
      pass.output.pointer[i] = pass.inputs[0].pointer[i] * pass.inputs[1].pointer[i]
    }
  }
  func backward(_ pass: BackwardPass) {
    for (side, slot) in pass.inputGradients.enumerated() {
      guard let slot else { continue }
      for i in 0..<slot.buffer.count {
        let value = pass.outputGradient.pointer[i] * pass.inputs[1 - side].pointer[i]
        slot.pointer[i] = slot.accumulates ? slot.pointer[i] + value : value
      }
    }
  }
}

/// The sum of all elements.
private struct Total: Operation {
  let name = "total"
  var backwardReads: BackwardReads { [] }
  func forward(_ pass: ForwardPass) {
    pass.output.pointer[0] = pass.inputs[0].values.reduce(0, +)
  }
  func backward(_ pass: BackwardPass) {
    guard let slot = pass.inputGradients[0] else { return }
    for i in 0..<slot.buffer.count {
      let value = pass.outputGradient.pointer[0]
      slot.pointer[i] = slot.accumulates ? slot.pointer[i] + value : value
    }
  }
}

extension Tensor {
  fileprivate func times(_ other: Tensor) -> Tensor {
    .applying(Product(), to: [self, other], shape: shape)
  }
  fileprivate var total: Tensor { .applying(Total(), to: [self], shape: .scalar) }
}

@Suite("Plans")
struct PlanTests {
  private let run = RunContext(pool: ThreadPool(threads: 1), seed: 1)

  @Test func `a value used three times gets the sum of three gradients`() throws {
    let graph = Graph(mode: .training, parameters: ParameterSet())
    let x = graph.input("x", [4], wantsGradient: true)
    let cube = x.times(x).times(x)
    let loss = cube.total
    let store = ParameterStore(graph.parameters)
    let plan = Plan(graph, loss: loss, outputs: [cube], store: store, arena: Arena(), run: run)
    _ = plan.input("x")?.update(from: [1, 2, 3, -1])
    plan.forward()
    plan.backward()
    #expect(Array(plan.value(of: cube)) == [1, 8, 27, -1])
    #expect(plan.value(of: loss)[0] == 35)
    #expect(Array(try #require(plan.gradient(of: x))) == [3, 12, 27, 3])
  }

  @Test func `gradients by views and parameters land at their source`() throws {
    let graph = Graph(mode: .training, parameters: ParameterSet())
    let w = graph.parameter("w", [2, 2], .values { [1, 2, 3, 4] })
    let flat = w.reshaped([4])
    let loss = flat.times(flat).total
    let store = ParameterStore(graph.parameters)
    store.initialise(seed: 0)
    let plan = Plan(graph, loss: loss, store: store, arena: Arena(), run: run)
    plan.forward()
    plan.backward(scale: 0.5)
    let gradient = try #require(store.gradient(of: "w"))
    #expect(Array(gradient.values) == [1, 2, 3, 4])
    #expect(gradient.shape == [2, 2])
  }

  @Test func `a parameter mentioned twice gets the sum of its gradients`() throws {
    let graph = Graph(mode: .training, parameters: ParameterSet())
    func w() -> Tensor { graph.parameter("w", [2], .values { [3, 5] }) }
    let x = graph.input("x", [2])
    let loss = (w().times(x) * 7 + w().times(w())).total
    let store = ParameterStore(graph.parameters)
    store.initialise(seed: 0)
    let plan = Plan(graph, loss: loss, store: store, arena: Arena(), run: run)
    _ = plan.input("x")?.update(fromContentsOf: [1, 2])
    plan.forward()
    plan.backward()
    #expect(Array(try #require(store.gradient(of: "w")).values) == [7 + 2 * 3, 14 + 2 * 5])
  }

  @Test func `groups of parameters lie apart, the model's own first`() {
    let graph = Graph(mode: .training, parameters: ParameterSet())
    _ = graph.parameter("judge.a", [3], .ones, group: "judge")
    _ = graph.parameter("a", [20], .ones)
    _ = graph.parameter("moved", [2], .ones, isState: true)
    _ = graph.parameter("judge.b", [17], .ones, group: "judge")
    let store = ParameterStore(graph.parameters)
    #expect(store.groups.map(\.name) == ["", "judge"])
    #expect(store.groups.map(\.range) == [0..<32, 32..<80])
    #expect(store.range(of: "a") == 0..<20)
    #expect(store.range(of: "judge.a") == 32..<35 && store.range(of: "judge.b") == 48..<65)
    #expect(store.range(of: "moved") == nil)
  }

  /// s ← 0.5·s + sum(x), twice, from the state as it was before each step.
  @Test func `state moves after a step, and only where a step is taken`() throws {
    let parameters = ParameterSet()
    func graph(_ mode: Mode) -> (Graph, Tensor) {
      let graph = Graph(mode: mode, parameters: parameters)
      let scope = Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] })
      let state = scope.state("s", .scalar, .constant(4))
      let x = graph.input("x", [2])
      scope.move(state, to: state * 0.5 + x.sum())
      return (graph, x.times(graph.parameter("w", [2], .ones)).total + state)
    }
    let (training, loss) = graph(.training)
    let (evaluation, measured) = graph(.evaluation)
    let store = ParameterStore(parameters)
    store.initialise(seed: 0)
    let arena = Arena()
    let plan = Plan(training, loss: loss, store: store, arena: arena, run: run)
    let other = Plan(evaluation, outputs: [measured], store: store, arena: arena, run: run)
    func state() throws -> Float { try #require(store["s"]).values[0] }
    for expected: Float in [4 * 0.5 + 3, 5 * 0.5 + 3] {
      _ = plan.input("x")?.update(fromContentsOf: [1, 2])
      let before = try state()
      plan.forward()
      #expect(plan.value(of: loss)[0] == 3 + before)
      plan.backward()
      #expect(try state() == before)
      plan.moveStates()
      #expect(try state() == expected)
      _ = other.input("x")?.update(fromContentsOf: [1, 2])
      other.forward()
      other.moveStates()
      #expect(try state() == expected)
    }
  }

  @Test func `plans share an arena that grows, and values not needed later share memory`() {
    func chain(_ length: Int, _ size: Int) -> (Graph, Tensor, Tensor) {
      let graph = Graph(mode: .evaluation, parameters: ParameterSet())
      let x = graph.input("x", [size])
      let y = (0..<length).reduce(x) { y, _ in y.times(x) }
      return (graph, x, y)
    }
    let arena = Arena()
    let (small, _, y) = chain(10, 64)
    let first = Plan(
      small, outputs: [y], store: ParameterStore(small.parameters), arena: arena, run: run)
    #expect(arena.byteCount == 2 * 64 * 4)
    _ = first.input("x")?.update(repeating: 2)
    first.forward()
    let (large, _, z) = chain(3, 1000)
    let second = Plan(
      large, outputs: [z], store: ParameterStore(large.parameters), arena: arena, run: run)
    _ = second.input("x")?.update(repeating: 3)
    second.forward()
    #expect(second.value(of: z)[999] == 81)
    first.forward()
    #expect(first.value(of: y)[0] == 2048)
  }

  @Test func `no two values alive at the same time overlap`() {
    var generator = SystemRandomNumberGenerator()
    let items = (0..<200).map { _ in
      let start = Int.random(in: 0..<100, using: &generator)
      return ArenaLayout.Item(
        count: Int.random(in: 1...5000, using: &generator),
        life: start...start + Int.random(in: 0..<20, using: &generator))
    }
    let layout = ArenaLayout(items)
    for a in items.indices {
      for b in items.indices where a < b && items[a].life.overlaps(items[b].life) {
        let first = layout.offsets[a]..<layout.offsets[a] + items[a].count
        let second = layout.offsets[b]..<layout.offsets[b] + items[b].count
        #expect(!first.overlaps(second), "items \(items[a]) and \(items[b])")
      }
    }
    #expect(layout.count < items.reduce(0) { $0 + $1.count })
  }
}
