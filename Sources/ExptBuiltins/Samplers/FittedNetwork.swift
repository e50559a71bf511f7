import ExptComponents
import ExptTensor

/// A sampler's network for a number of rows, ready to run: to be fitted, or with what was fitted.
final class FittedNetwork {
  /// Rows at a time.
  let rows: Int
  let store: ParameterStore
  let run: RunContext
  let plan: Plan
  /// What was recorded: a number for each row when fitting.
  let result: Tensor
  private let width: Int
  private let parameters: ParameterSet
  private let arena: Arena
  private let input: UnsafeMutableBufferPointer<Float>?

  typealias Record = (_ rows: Tensor, Scope) throws(BuildProblem) -> Tensor

  /// - Parameters:
  ///   - width: Of a row of the input.
  ///   - mode: In training, the mean of the result is differentiated.
  init(
    rows: Int, width: Int, mode: Mode, _ run: RunContext, _ record: Record
  ) throws(SamplerProblem) {
    let parameters = ParameterSet()
    let recorded: Recorded
    do throws(BuildProblem) {
      recorded = try Recorded(rows, width, mode, parameters, record)
    } catch { throw SamplerProblem(error.message) }
    (self.rows, self.width, self.run, self.parameters) = (rows, width, run, parameters)
    store = ParameterStore(parameters)
    arena = Arena()
    result = recorded.result
    plan = recorded.plan(store, arena, run)
    input = plan.input(GradientFit.input)
  }

  private init(_ recorded: Recorded, of other: FittedNetwork, rows: Int) {
    (self.rows, width, run, parameters) = (rows, other.width, other.run, other.parameters)
    (store, arena, result) = (other.store, other.arena, recorded.result)
    plan = recorded.plan(store, arena, run)
    input = plan.input(GradientFit.input)
  }

  /// The same parameters for another number of rows, in evaluation.
  func evaluating(rows: Int, _ record: Record) -> FittedNetwork {
    do throws(BuildProblem) {
      return FittedNetwork(
        try Recorded(rows, width, .evaluation, parameters, record), of: self, rows: rows)
    } catch {
      preconditionFailure("what was built once cannot be built again: \(error.message)")
    }
  }

  private struct Recorded {
    let graph: Graph
    let result: Tensor

    init(
      _ rows: Int, _ width: Int, _ mode: Mode, _ parameters: ParameterSet, _ record: Record
    ) throws(BuildProblem) {
      graph = Graph(mode: mode, parameters: parameters)
      let scope = Scope(graph, data: DataFacts(image: [1, 1, width]) { [] })
      result = try record(graph.input(GradientFit.input, [rows, width]), scope)
    }

    func plan(_ store: ParameterStore, _ arena: Arena, _ run: RunContext) -> Plan {
      Plan(
        graph, loss: graph.mode == .training ? result.mean() : nil, outputs: [result],
        store: store, arena: arena, run: run)
    }
  }

  /// Puts rows of `[…, width]` into the input, by their numbers.
  func fill(_ values: [Float], _ numbers: ArraySlice<Int>) {
    guard let input else { return }
    for (row, number) in numbers.enumerated() {
      for column in 0..<width { input[row * width + column] = values[number * width + column] }
    }
  }

  /// The input, `[rows, width]`.
  var memory: UnsafeMutableBufferPointer<Float>? { input }

  // MARK: What is kept

  var arrays: [FittedArrays.Array] {
    store.specs.compactMap { spec in
      store[spec.name].map { .init(spec.name, spec.shape.dimensions, Array($0.values)) }
    }
  }

  /// - Throws: `SamplerProblem` where one is missing, or not of its shape.
  func load(_ fitted: FittedArrays) throws(SamplerProblem) {
    for spec in store.specs {
      let values = try fitted.values(spec.name, spec.shape.dimensions)
      _ = store[spec.name]?.values.update(fromContentsOf: values)
    }
  }
}

extension FittedArrays {
  /// Draws rows, some at a time: the first of many are those of few.
  ///
  /// - Parameters:
  ///   - width: Of the input that `record` is given, which is all 0.
  ///   - record: Records the draws, with noise of the graph.
  ///   - compute: Runs the network and returns what it drew, `[rows, …]`.
  func draw(
    _ count: Int, width: Int, seed: UInt64, _ record: FittedNetwork.Record,
    _ compute: (FittedNetwork) -> [Float] = { network in
      network.plan.forward()
      return [Float](network.plan.value(of: network.result))
    }
  ) throws(SamplerProblem) -> [Float] {
    guard count > 0 else { return [] }
    let run = RunContext(pool: ThreadPool(threads: 1), seed: seed)
    let size = min(count, 256)
    let network = try FittedNetwork(rows: size, width: width, mode: .evaluation, run, record)
    try network.load(self)
    var drawn: [Float] = []
    for first in stride(from: 0, to: count, by: size) {
      let rest = count - first
      let network = rest < size ? network.evaluating(rows: rest, record) : network
      run.rows = NoiseRows(examples: first..<first + network.rows, samples: 0..<1)
      network.memory?.update(repeating: 0)
      drawn += compute(network)
    }
    return drawn
  }
}
