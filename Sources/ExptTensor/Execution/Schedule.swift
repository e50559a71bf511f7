/// The order in which a graph is computed, forward and backward, and how long each value lives.
///
/// Nothing is allocated here: `expt check` makes a schedule to say what a run will take.
///
/// A graph that recomputes is divided into segments of consecutive forward instructions. Of all but the
/// last, only the values that a later segment reads are kept until the backward pass; the others are
/// computed once more, with the same numbers, when it reaches their segment (Chen et al., "Training deep
/// nets with sublinear memory cost", 2016). `Segments` says where to divide.
struct Schedule {
  struct Instruction {
    enum Kind { case forward, repeated, backward }

    var node: Int
    var kind: Kind
    /// Indices into `items` of the operation's saved memory and of its scratch.
    var saved: [Int] = []
    var scratch: [Int] = []
    /// For a backward instruction, for each input: whether its gradient is wanted, and whether it
    /// adds to one that is already there.
    var gradients: [GradientUse?] = []
  }

  struct GradientUse {
    var root: Int
    var accumulates: Bool
    /// Whether the operation may take the optimizer's step instead of writing the gradient.
    var isUpdatable: Bool
  }

  private(set) var instructions: [Instruction] = []
  /// Every temporary value with its life.
  private(set) var items: [ArenaLayout.Item] = []
  /// The item that holds a value, by the node that owns the numbers.
  private var valueItem: [Int: Int] = [:]
  /// The item that holds a value once it was computed again.
  private var repeatedItem: [Int: Int] = [:]
  /// The item that holds the gradient by a value.
  private(set) var gradientItem: [Int: Int] = [:]
  /// For each node the one whose memory it shows: itself, or the source of a view.
  let roots: [Int]
  private let nodes: [Graph.Node]
  private let kept: Set<Int>

  /// - Parameters:
  ///   - loss: The scalar to differentiate, or nil to compute forward only.
  ///   - outputs: Values that stay readable after the run.
  init(_ graph: Graph, loss: Int?, outputs: [Int]) {
    self.init(graph, loss: loss, outputs: outputs, segments: nil)
    guard graph.recomputes, loss != nil else { return }
    let segments = Segments(self)
    var smallest = ArenaLayout(items).count
    for starts in segments.divisions {
      let divided = Schedule(graph, loss: loss, outputs: outputs, segments: starts)
      let size = ArenaLayout(divided.items).count
      if size < smallest { (self, smallest) = (divided, size) }
    }
  }

  /// - Parameter segments: The forward instructions that begin a segment, in order, without the first.
  private init(_ graph: Graph, loss: Int?, outputs: [Int], segments: [Int]?) {
    nodes = graph.nodes
    roots = Self.findRoots(graph.nodes)
    kept = Set((outputs + (loss.map { [$0] } ?? [])).map { [roots] in roots[$0] })
    let needed = Self.reach(graph.nodes, from: outputs + (loss.map { [$0] } ?? []))
    scheduleForward(needed)
    if let loss { scheduleBackward(from: loss, needed) }
    if let segments { repeatForward(segments) }
    extendLives()
  }

  private static func findRoots(_ nodes: [Graph.Node]) -> [Int] {
    var roots: [Int] = []
    for (index, node) in nodes.enumerated() {
      switch node.source {
      case .view, .stoppedView: roots.append(roots[node.inputs[0]])
      case .input, .parameter, .operation: roots.append(index)
      }
    }
    return roots
  }

  private static func reach(_ nodes: [Graph.Node], from outputs: [Int]) -> [Bool] {
    var needed = Array(repeating: false, count: nodes.count)
    for output in outputs { needed[output] = true }
    for index in nodes.indices.reversed() where needed[index] {
      for input in nodes[index].inputs { needed[input] = true }
    }
    return needed
  }

  private mutating func scheduleForward(_ needed: [Bool]) {
    for (index, node) in nodes.enumerated() where needed[index] {
      guard case .operation(let operation) = node.source else { continue }
      valueItem[index] = add(node.shape)
      let saved = operation.saved(inputs: inputShapes(node), output: node.shape).map { add($0) }
      instructions.append(Instruction(node: index, kind: .forward, saved: saved))
    }
  }

  private mutating func scheduleBackward(from loss: Int, _ needed: [Bool]) {
    let wanted = differentiable(needed)
    let savedByNode = Dictionary(uniqueKeysWithValues: instructions.map { ($0.node, $0.saved) })
    let uses = countUses(needed)
    var written: Set<Int> = [roots[loss]]
    addGradient(roots[loss])
    for index in nodes.indices.reversed() where needed[index] && wanted[index] {
      guard case .operation(let operation) = nodes[index].source, written.contains(index) else {
        continue
      }
      var instruction = Instruction(node: index, kind: .backward)
      instruction.saved = savedByNode[index] ?? []
      instruction.scratch = operation.scratch(
        inputs: inputShapes(nodes[index]), output: nodes[index].shape
      ).map { add($0) }
      instruction.gradients = nodes[index].inputs.enumerated().map { place, input in
        guard wanted[input] else { return nil }
        let root = roots[input]
        addGradient(root)
        return GradientUse(
          root: root, accumulates: !written.insert(root).inserted,
          isUpdatable: uses[root] == 1 && operation.updatableInputs.contains(place))
      }
      instructions.append(instruction)
    }
  }

  /// Lets the segments before the last one drop what no later one reads, and compute it once more.
  private mutating func repeatForward(_ starts: [Int]) {
    let forward = instructions.filter { $0.kind == .forward }
    let backward = instructions.filter { $0.kind == .backward }
    var segment: [Int: Int] = [:]
    for (index, instruction) in forward.enumerated() {
      segment[instruction.node] = starts.count { $0 <= index }
    }
    var isKept = kept
    for instruction in forward {
      for value in reads(instruction) where segment[value] != segment[instruction.node] {
        isKept.insert(value)
      }
    }
    for (node, number) in segment where number == starts.count || !isRepeatable(node) {
      isKept.insert(node)
    }

    // What the gradients read of what is dropped, and what that is computed from.
    var isRepeated: Set<Int> = []
    for instruction in backward {
      isRepeated.formUnion(reads(instruction))
      if !instruction.saved.isEmpty { isRepeated.insert(instruction.node) }
    }
    isRepeated.formIntersection(segment.keys)
    isRepeated.subtract(isKept)
    for instruction in forward.reversed() where isRepeated.contains(instruction.node) {
      for value in reads(instruction) where segment[value] != nil && !isKept.contains(value) {
        isRepeated.insert(value)
      }
    }

    var repeats: [Int: [Instruction]] = [:]
    var saved: [Int: [Int]] = [:]
    for instruction in forward where isRepeated.contains(instruction.node) {
      repeatedItem[instruction.node] = add(nodes[instruction.node].shape)
      saved[instruction.node] = instruction.saved.map { add(items[$0].count) }
      repeats[segment[instruction.node] ?? 0, default: []].append(
        Instruction(
          node: instruction.node, kind: .repeated, saved: saved[instruction.node] ?? []))
    }
    instructions = forward
    for var instruction in backward {
      instruction.saved = saved[instruction.node] ?? instruction.saved
      instructions += repeats.removeValue(forKey: segment[instruction.node] ?? 0) ?? []
      instructions.append(instruction)
    }
  }

  /// Which nodes lead from something trainable to the loss.
  private func differentiable(_ needed: [Bool]) -> [Bool] {
    var wanted = Array(repeating: false, count: nodes.count)
    for (index, node) in nodes.enumerated() where needed[index] {
      switch node.source {
      case .parameter: wanted[index] = true
      case .input(_, let wantsGradient): wanted[index] = wantsGradient
      case .stoppedView: wanted[index] = false
      case .view, .operation: wanted[index] = node.inputs.contains { wanted[$0] }
      }
    }
    return wanted
  }

  /// How many times operations read each value.
  private func countUses(_ needed: [Bool]) -> [Int] {
    var uses = Array(repeating: 0, count: nodes.count)
    for (index, node) in nodes.enumerated() where needed[index] {
      guard case .operation = node.source else { continue }
      for input in node.inputs { uses[roots[input]] += 1 }
    }
    return uses
  }

  private mutating func add(_ shape: Shape) -> Int { add(shape.count) }

  private mutating func add(_ count: Int) -> Int {
    items.append(ArenaLayout.Item(count: count, life: 0...0))
    return items.count - 1
  }

  /// Gradients by parameters lie in the parameter store, all others in the arena.
  private mutating func addGradient(_ root: Int) {
    if case .parameter = nodes[root].source { return }
    if gradientItem[root] == nil { gradientItem[root] = add(nodes[root].shape) }
  }

  private mutating func extendLives() {
    var first = Array(repeating: Int.max, count: items.count)
    var last = Array(repeating: 0, count: items.count)
    func use(_ item: Int?, _ time: Int) {
      guard let item else { return }
      first[item] = min(first[item], time)
      last[item] = max(last[item], time)
    }
    for (time, instruction) in instructions.enumerated() {
      for item in instruction.saved + instruction.scratch { use(item, time) }
      for value in reads(instruction) { use(item(of: value, in: instruction.kind), time) }
      guard instruction.kind == .backward else { continue }
      use(gradientItem[instruction.node], time)
      for gradient in instruction.gradients {
        if let gradient { use(gradientItem[gradient.root], time) }
      }
    }
    for root in kept { use(valueItem[root], instructions.count) }
    for (root, item) in gradientItem {
      // The loss's own gradient is written before the first backward instruction; gradients by
      // inputs are read after the run.
      if kept.contains(root) { use(item, instructions.firstIndex { $0.kind != .forward } ?? 0) }
      if case .input = nodes[root].source { use(item, instructions.count) }
    }
    for index in items.indices {
      items[index].life = min(first[index], last[index])...last[index]
    }
  }

  /// The item of a value, by the node that owns it, as an instruction of this kind sees it.
  func item(of root: Int, in kind: Instruction.Kind) -> Int? {
    kind == .forward ? valueItem[root] : repeatedItem[root] ?? valueItem[root]
  }

  /// The values that an instruction reads or computes, by the nodes that own them.
  func reads(_ instruction: Instruction) -> [Int] {
    let node = nodes[instruction.node]
    guard case .operation(let operation) = node.source else { return [] }
    let reads = instruction.kind == .backward ? operation.backwardReads : [.inputs, .output]
    return (reads.contains(.inputs) ? node.inputs.map { roots[$0] } : [])
      + (reads.contains(.output) ? [instruction.node] : [])
  }

  private func isRepeatable(_ node: Int) -> Bool {
    guard case .operation(let operation) = nodes[node].source else { return true }
    return operation.isRepeatable
  }

  private func inputShapes(_ node: Graph.Node) -> [Shape] { node.inputs.map { nodes[$0].shape } }
}
