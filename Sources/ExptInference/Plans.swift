public import ExptComponents
public import ExptTensor

/// What is fed into a plan besides weights: examples, and labels and factors where the model asks for
/// them.
public struct BatchInputs {
  /// `[batch, channels, height, width]`; nil if the plan takes none.
  public let examples: UnsafeMutableBufferPointer<Float>?
  private let labels: UnsafeMutableBufferPointer<Float>?
  private let factors: [(name: String, memory: UnsafeMutableBufferPointer<Float>)]
  private let classes: Int
  /// Which values of each example are observed, 1 or 0; nil where the model does not ask.
  private let observed: UnsafeMutableBufferPointer<Float>?
  /// What is drawn once for each example: see `Batch.lot`.
  private let lots: [(name: String, memory: UnsafeMutableBufferPointer<Float>)]
  private let seed: UInt64

  init(_ plan: Plan, _ facts: DataFacts) {
    examples = plan.input(Batch.examplesInput)
    labels = plan.input(Batch.labelsInput)
    factors = facts.factors.compactMap { name in
      plan.input(Batch.input(ofFactor: name)).map { (name, $0) }
    }
    classes = max(1, facts.classes ?? 1)
    observed = plan.input(Batch.observedInput)
    lots = plan.inputNames.compactMap { input in
      Batch.lot(ofInput: input).flatMap { name in plan.input(input).map { (name, $0) } }
    }
    seed = plan.run.seed
  }

  /// Whether the model looks at more than the examples.
  public var isConditional: Bool {
    labels != nil || !factors.isEmpty || !lots.isEmpty || observed != nil
  }

  /// Fills in labels, factors and what is drawn once for each example.
  ///
  /// - Parameter numbers: The rows of `annotations` to take, one for each example of the batch. Where
  ///   they are not annotated, examples take the classes in turn, factors are 0, and all values are observed.
  public func annotate(_ annotations: Annotations?, _ numbers: some Collection<Int>) {
    guard isConditional else { return }
    for (row, number) in numbers.enumerated() {
      if let labels {
        let label = annotations?.labels.map { Int($0[number]) } ?? number
        labels[row] = Float(label % classes)
      }
      for (name, memory) in factors {
        memory[row] =
          annotations?.factors.first { $0.name == name }.map { $0.values[number] } ?? 0
      }
      if let observed { fill(observed, row: row, of: numbers.count, annotations, number) }
      for (name, memory) in lots {
        draw(memory, name, row: row, of: numbers.count, example: number)
      }
    }
  }

  private func fill(
    _ observed: UnsafeMutableBufferPointer<Float>, row: Int, of rows: Int,
    _ annotations: Annotations?, _ example: Int
  ) {
    let width = observed.count / rows
    let own = UnsafeMutableBufferPointer(rebasing: observed[row * width..<(row + 1) * width])
    guard let mask = annotations?.observed(of: example, width: width) else {
      own.update(repeating: 1)
      return
    }
    for (place, value) in mask.enumerated() { own[place] = value == 0 ? 0 : 1 }
  }

  private func draw(
    _ memory: UnsafeMutableBufferPointer<Float>, _ name: String, row: Int, of rows: Int,
    example: Int
  ) {
    let width = memory.count / rows
    Random.fillUniform(
      UnsafeMutableBufferPointer(rebasing: memory[row * width..<(row + 1) * width]), seed: seed,
      stream: Random.stream("lot/" + name), position: UInt64(example))
  }
}

/// A step of training or validation, ready to run.
public final class StepPlan {
  public let graph: StepGraph
  public let plan: Plan
  public let inputs: BatchInputs
  public let images: UnsafeMutableBufferPointer<Float>
  public let columns: [(name: String, value: Tensor)]
  public let tallies: [Tally]
  private let scalars: [(memory: UnsafeMutableBufferPointer<Float>, schedule: any Schedule)]

  init(
    _ graph: StepGraph, isTraining: Bool, store: ParameterStore, arena: Arena, run: RunContext
  ) {
    self.graph = graph
    columns = graph.columns
    var outputs = columns.map(\.value) + [graph.reconstruction]
    if let kl = graph.terms.klPerDimension { outputs.append(kl) }
    tallies = graph.terms.tallies
    plan = Plan(
      graph.graph, loss: isTraining ? graph.objective : nil,
      outputs: (isTraining ? columns.map(\.value) : outputs) + tallies.map(\.sums), store: store,
      arena: arena, run: run)
    inputs = BatchInputs(plan, graph.facts)
    scalars = graph.graph.scalars.compactMap { [plan] scalar in
      plan.input(scalar.name).map { ($0, scalar.source) }
    }
    guard let images = inputs.examples else { preconditionFailure("a step without images") }
    self.images = images
  }

  /// Sets all scalars that follow a schedule.
  public func setScalars(_ progress: Progress) {
    for (memory, schedule) in scalars { memory[0] = Float(schedule.value(progress)) }
  }

  public func value(_ column: Int) -> Double { Double(plan.value(of: columns[column].value)[0]) }

  /// Adds this batch's numbers to the sums of each tally.
  public func addTallies(to sums: inout [[Double]]) {
    for (place, tally) in tallies.enumerated() {
      for (index, number) in plan.value(of: tally.sums).enumerated() {
        sums[place][index] += Double(number)
      }
    }
  }

  /// The KL of each latent dimension; empty for a model without.
  public var klPerDimension: [Double] {
    graph.terms.klPerDimension.map { plan.value(of: $0).map(Double.init) } ?? []
  }
}

/// The encoder, ready to run.
final class EncoderPlan {
  let plan: Plan
  let inputs: BatchInputs
  let images: UnsafeMutableBufferPointer<Float>
  private let recorded: RecordedEncoder
  private let mean: Tensor
  private let described: [(name: String, value: Tensor)]

  init(_ recorded: RecordedEncoder, in network: Network) {
    guard let mean = recorded.posterior.expectation else {
      preconditionFailure("a posterior without a mean")
    }
    self.recorded = recorded
    self.mean = mean
    // Asked for once: a distribution may record them when they are.
    described = recorded.posterior.parameters
    plan = network.plan(
      recorded.graph,
      outputs: [mean] + described.map(\.value) + (recorded.kl.map { [$0] } ?? []))
    inputs = BatchInputs(plan, network.facts)
    guard let images = inputs.examples else { preconditionFailure("an encoder without images") }
    self.images = images
  }

  /// Valid until another plan runs.
  func run() -> UnsafeBufferPointer<Float> {
    plan.forward()
    return plan.value(of: mean)
  }

  /// The other numbers that describe the posteriors, after `run`, in their order.
  var parameters: [(name: String, values: UnsafeBufferPointer<Float>)] {
    described.map { ($0.name, plan.value(of: $0.value)) }
  }

  /// After `run`.
  var kl: UnsafeBufferPointer<Float>? { recorded.kl.map { plan.value(of: $0) } }
}

/// The decoder, ready to run.
final class DecoderPlan {
  let plan: Plan
  let inputs: BatchInputs
  let latents: UnsafeMutableBufferPointer<Float>
  private let mean: Tensor

  init(_ recorded: RecordedDecoder, in network: Network) {
    mean = recorded.mean
    plan = network.plan(recorded.graph, outputs: [mean])
    inputs = BatchInputs(plan, network.facts)
    guard let latents = plan.input(Network.latentsInput) else {
      preconditionFailure("a decoder without latents")
    }
    self.latents = latents
  }

  func run() -> UnsafeBufferPointer<Float> {
    plan.forward()
    return plan.value(of: mean)
  }
}
