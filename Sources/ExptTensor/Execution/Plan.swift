/// A graph made ready to run: every operation bound to its memory. Running it allocates nothing.
///
///     let plan = Plan(graph, loss: loss, outputs: [logits], store: store, arena: arena, run: run)
///     plan.input("images")?.update(from: …)
///     plan.forward()
///     plan.backward()          // fills store.gradients
public final class Plan {
  private let graph: Graph
  private let schedule: Schedule
  private let layout: ArenaLayout
  private let lossNode: Int?
  private let moves: [StateMove]
  private let store: ParameterStore
  private let arena: Arena
  public let run: RunContext
  private var generation = -1

  /// What the backward pass is made of.
  private enum Step {
    /// A value that was not kept is computed again.
    case repeated(ForwardPass)
    case gradient(BackwardPass)
  }

  /// The model's own parameters that the backward pass does not update by itself, given a rule.
  private var remainder: [Range<Int>] = []
  private var forwardSteps: [(operation: any Operation, pass: ForwardPass, node: Int)] = []
  private var backwardSteps: [(operation: any Operation, pass: Step, node: Int)] = []
  private var inputMemory: [Int: UnsafeMutableBufferPointer<Float>] = [:]
  private var inputsByName: [String: Int] = [:]
  /// Fill in to learn where time goes: called after every operation with its name and path.
  public var observer: ((_ event: OperationEvent) -> Void)?

  /// - Parameters:
  ///   - loss: A scalar to differentiate; nil for a plan that only runs forward.
  ///   - outputs: Values that can be read after a run.
  public init(
    _ graph: Graph, loss: Tensor? = nil, outputs: [Tensor] = [], store: ParameterStore,
    arena: Arena, run: RunContext
  ) {
    if let loss {
      precondition(loss.shape.count == 1, "the loss must be one number, not \(loss.shape)")
    }
    self.graph = graph
    self.store = store
    self.arena = arena
    self.run = run
    lossNode = loss?.node
    moves = loss == nil ? [] : graph.moves
    schedule = Schedule(
      graph, loss: loss?.node, outputs: (outputs + moves.map(\.value)).map(\.node))
    layout = ArenaLayout(schedule.items)
    for (index, node) in graph.nodes.enumerated() {
      guard case .input(let name, _) = node.source else { continue }
      inputMemory[index] = AlignedMemory.allocate(node.shape.count)
      inputsByName[name] = index
    }
    arena.reserve(layout.count)
  }

  deinit { inputMemory.values.forEach(AlignedMemory.free) }

  /// The bytes of working memory that such a plan needs, without making it.
  public static func workingBytes(_ graph: Graph, loss: Tensor?, outputs: [Tensor]) -> Int {
    let moves = loss == nil ? [] : graph.moves.map(\.value)
    let schedule = Schedule(graph, loss: loss?.node, outputs: (outputs + moves).map(\.node))
    let inputs = graph.nodes.reduce(0) { sum, node in
      if case .input = node.source { return sum + node.shape.count }
      return sum
    }
    return (ArenaLayout(schedule.items).count + inputs) * MemoryLayout<Float>.stride
  }

  /// The bytes of working memory that this plan needs.
  public var workingBytes: Int { layout.count * MemoryLayout<Float>.stride }

  /// The memory to fill before a run, or nil if the graph has no such input.
  public func input(_ name: String) -> UnsafeMutableBufferPointer<Float>? {
    inputsByName[name].flatMap { inputMemory[$0] }
  }

  /// The names of all inputs, sorted.
  public var inputNames: [String] { inputsByName.keys.sorted() }

  /// Sets an input that is one number. Does nothing if the graph has no such input.
  public func setScalar(_ name: String, _ value: Float) {
    if let memory = input(name), memory.count == 1 { memory[0] = value }
  }

  /// A value that was among the outputs, or the loss, after `forward`.
  public func value(of tensor: Tensor) -> UnsafeBufferPointer<Float> {
    bindIfNeeded()
    return UnsafeBufferPointer(valueBuffer(tensor.node).values)
  }

  /// The gradient by an input recorded with `wantsGradient`, after `backward`.
  public func gradient(of tensor: Tensor) -> UnsafeBufferPointer<Float>? {
    bindIfNeeded()
    return gradientBuffer(schedule.roots[tensor.node]).map { UnsafeBufferPointer($0.values) }
  }

  /// Computes the outputs and the loss.
  public func forward() {
    bindIfNeeded()
    for step in forwardSteps {
      step.operation.forward(step.pass)
      if let observer { report(step.operation, step.node, .forward, to: observer) }
    }
  }

  /// Computes the gradients of the loss, multiplied by `scale`, after `forward`.
  public func backward(scale: Float = 1) {
    guard let lossNode else { preconditionFailure("a plan without a loss has no gradients") }
    gradientBuffer(schedule.roots[lossNode])?.pointer[0] = scale
    for step in backwardSteps {
      switch step.pass {
      case .repeated(let pass):
        step.operation.forward(pass)
        if let observer { report(step.operation, step.node, .repeated, to: observer) }
      case .gradient(let pass):
        step.operation.backward(pass)
        if let observer { report(step.operation, step.node, .backward, to: observer) }
      }
    }
  }

  /// The same, and takes the optimizer's step of the model's own parameters: for some as soon as their
  /// gradients are known, which then are not kept, for the others at the end. The parameters are those
  /// of `backward` followed by `rule.apply()`, bit by bit. Other groups only get their gradients.
  public func backward(scale: Float = 1, updating rule: UpdateRule) {
    run.rule = rule
    backward(scale: scale)
    run.rule = nil
    for range in remainder { rule.apply(to: range) }
  }

  /// Lets state become what the graph says, after a step.
  public func moveStates() {
    for move in moves {
      _ = store.buffer(move.parameter).values.update(fromContentsOf: value(of: move.value))
    }
  }

  private func report(
    _ operation: any Operation, _ node: Int, _ kind: Schedule.Instruction.Kind,
    to observer: (OperationEvent) -> Void
  ) {
    observer(
      OperationEvent(
        name: operation.name, path: graph.nodes[node].path, kind: kind, plan: self, node: node))
  }

  /// Binds operations to addresses: at the first run, and again when the arena has moved.
  private func bindIfNeeded() {
    guard generation != arena.generation else { return }
    generation = arena.generation
    forwardSteps = []
    backwardSteps = []
    remainder = store.groups.prefix(1).map(\.range)
    for instruction in schedule.instructions {
      let node = graph.nodes[instruction.node]
      guard case .operation(let operation) = node.source else { continue }
      let inputs = node.inputs.map { valueBuffer($0, in: instruction.kind) }
      let output = valueBuffer(instruction.node, in: instruction.kind)
      let saved = buffers(
        instruction.saved, operation.saved(inputs: inputs.map(\.shape), output: node.shape))
      switch instruction.kind {
      case .forward:
        let pass = ForwardPass(inputs: inputs, output: output, saved: saved, run: run)
        forwardSteps.append((operation, pass, instruction.node))
      case .repeated:
        let pass = ForwardPass(
          inputs: inputs, output: output, saved: saved, run: run, isRepeated: true)
        backwardSteps.append((operation, .repeated(pass), instruction.node))
      case .backward: bindBackward(instruction, operation, inputs, output, saved)
      }
    }
  }

  private func bindBackward(
    _ instruction: Schedule.Instruction, _ operation: any Operation, _ inputs: [Buffer],
    _ output: Buffer, _ saved: [Buffer]
  ) {
    guard let outputGradient = gradientBuffer(instruction.node) else { return }
    let slots = zip(instruction.gradients, inputs).map { use, input in
      use.flatMap { use in
        gradientBuffer(use.root).map {
          GradientSlot(
            buffer: Buffer($0.pointer, input.shape), accumulates: use.accumulates,
            updatedFrom: use.isUpdatable ? takeFromRemainder(use.root) : nil)
        }
      }
    }
    let shapes = operation.scratch(inputs: inputs.map(\.shape), output: output.shape)
    let pass = BackwardPass(
      inputs: inputs, output: output, saved: saved, scratch: buffers(instruction.scratch, shapes),
      outputGradient: outputGradient, inputGradients: slots, run: run)
    backwardSteps.append((operation, .gradient(pass), instruction.node))
  }

  /// Where one of the model's own parameters begins, no longer in the remainder; nil for anything else.
  private func takeFromRemainder(_ root: Int) -> Int? {
    guard case .parameter(let index) = graph.nodes[root].source,
      store.specs[index].group.isEmpty, let range = store.range(of: store.specs[index].name)
    else { return nil }
    remainder = remainder.flatMap { rest in
      rest.overlaps(range)
        ? [rest.lowerBound..<range.lowerBound, range.upperBound..<rest.upperBound] : [rest]
    }
    remainder.removeAll { $0.isEmpty }
    return range.lowerBound
  }

  private func buffers(_ items: [Int], _ shapes: [Shape]) -> [Buffer] {
    zip(items, shapes).map { Buffer(arena.base + layout.offsets[$0], $1) }
  }

  fileprivate func valueBuffer(
    _ node: Int, in kind: Schedule.Instruction.Kind = .forward
  ) -> Buffer {
    let shape = graph.nodes[node].shape
    let root = schedule.roots[node]
    if case .parameter(let index) = graph.nodes[root].source {
      return Buffer(store.buffer(index).pointer, shape)
    }
    if let memory = inputMemory[root] { return Buffer(AlignedMemory.base(memory), shape) }
    guard let item = schedule.item(of: root, in: kind) else {
      preconditionFailure("a value that was not among the outputs is not kept")
    }
    return Buffer(arena.base + layout.offsets[item], shape)
  }

  private func gradientBuffer(_ root: Int) -> Buffer? {
    if case .parameter(let index) = graph.nodes[root].source { return store.gradient(index) }
    return schedule.gradientItem[root].map {
      Buffer(arena.base + layout.offsets[$0], graph.nodes[root].shape)
    }
  }
}

/// An operation that has just run.
public struct OperationEvent {
  public let name: String
  /// Where in the model it was recorded.
  public let path: String
  fileprivate let kind: Schedule.Instruction.Kind
  fileprivate let plan: Plan
  fileprivate let node: Int

  public var isBackward: Bool { kind == .backward }
  /// Whether it computed again, for the gradients, what had not been kept.
  public var isRepeated: Bool { kind == .repeated }

  /// The value the operation computed in the forward pass: in the backward pass, read it only if
  /// the operation's gradient reads it too.
  public var output: Buffer { plan.valueBuffer(node, in: kind) }
}
