import ExptTensor

/// Values that follow from parameters alone by operations that we have no words for, such as a weight divided
/// by its largest singular value: they are computed here, and written as numbers.
struct FoldedSteps {
  private var values: [Int: [Float]] = [:]
  private var inner: Set<Int> = []

  /// - Parameters:
  ///   - steps: Those of the graph that are written.
  ///   - isOfBatch: Whether a step's size follows the batch: it has no numbers to write before that is known.
  init(
    _ steps: [Graph.Step], _ graph: Graph, _ store: ParameterStore, isOfBatch: (Int) -> Bool
  ) {
    // What follows from parameters alone, and of that what cannot be said.
    var fixed: Set<Int> = []
    var unsaid: Set<Int> = []
    for step in steps where !isOfBatch(step.number) {
      switch step.origin {
      case .input: continue
      case .parameter: fixed.insert(step.number)
      case .view: if fixed.contains(step.inputs[0]) { fixed.insert(step.number) }
      case .operation(_, let meaning):
        // Noise has no inputs, and is not fixed.
        let isConstant =
          switch meaning {
          case .constant, .values: true
          default: false
          }
        guard isConstant || (!step.inputs.isEmpty && step.inputs.allSatisfy(fixed.contains)) else {
          continue
        }
        fixed.insert(step.number)
        if meaning == nil { unsaid.insert(step.number) }
      }
      if step.inputs.contains(where: unsaid.contains), fixed.contains(step.number) {
        unsaid.insert(step.number)
      }
    }
    guard !unsaid.isEmpty else { return }
    compute(steps, fixed, unsaid, graph, store)
  }

  /// The numbers to write in a step's place; nil for a step that is written as it is.
  subscript(number: Int) -> [Float]? { values[number] }

  /// Whether a step only leads to folded ones, and is not written at all.
  func isInner(_ number: Int) -> Bool { inner.contains(number) }

  /// Computes those of `unsaid` that others need, and finds what is needed for nothing else.
  private mutating func compute(
    _ steps: [Graph.Step], _ fixed: Set<Int>, _ unsaid: Set<Int>, _ graph: Graph,
    _ store: ParameterStore
  ) {
    var needed = Set(steps.map(\.number))
    var wanted: [Graph.Step] = []
    for step in steps where unsaid.contains(step.number) {
      let readers = steps.filter { $0.inputs.contains(step.number) }
      if readers.isEmpty || readers.contains(where: { !unsaid.contains($0.number) }) {
        wanted.append(step)
      }
    }
    // Backwards: what only folded steps read goes.
    for step in steps.reversed() {
      let readers = steps.filter { $0.inputs.contains(step.number) }
      let isRead = readers.contains {
        needed.contains($0.number) && !unsaid.contains($0.number)
      }
      if !readers.isEmpty, !isRead, fixed.contains(step.number) { needed.remove(step.number) }
    }
    let kept = Set(wanted.map(\.number))
    inner = Set(steps.map(\.number)).subtracting(needed).subtracting(kept)
    let tensors = wanted.map { graph.tensor(number: $0.number) }
    let plan = Plan(
      graph, outputs: tensors, store: store, arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: 1), seed: 0))
    plan.forward()
    for (step, tensor) in zip(wanted, tensors) {
      values[step.number] = Array(plan.value(of: tensor))
    }
  }
}
