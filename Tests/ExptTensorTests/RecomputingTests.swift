import ExptTestSupport
import Testing

@testable import ExptTensor

/// What a step leaves behind, in bits.
private struct Step: Equatable {
  var loss: [UInt32]
  var parameters: [String: [UInt32]] = [:]
  var gradients: [String: [UInt32]] = [:]
  /// Numbers of working memory.
  var bytes = 0
  /// How many operations ran forward, and how many of them a second time.
  var operations = 0
  var repeated = 0

  static func == (a: Step, b: Step) -> Bool {
    a.loss == b.loss && a.parameters == b.parameters && a.gradients == b.gradients
  }
}

/// Two steps of plain gradient descent of a network, taken by the backward pass itself or after it.
private func train(
  recomputes: Bool, updating: Bool, _ build: (Graph) -> Tensor
) -> Step {
  let graph = Graph(mode: .training, parameters: ParameterSet(), recomputes: recomputes)
  let loss = build(graph)
  let store = ParameterStore(graph.parameters)
  store.initialise(seed: 3)
  let run = RunContext(pool: ThreadPool(threads: 2), seed: 3)
  let plan = Plan(graph, loss: loss, store: store, arena: Arena(), run: run)
  for name in plan.inputNames {
    guard let memory = plan.input(name) else { continue }
    for index in memory.indices { memory[index] = Float((index * 37 + 11) % 101) / 101 }
  }
  var step = Step(loss: [])
  plan.observer = { event in
    if event.isRepeated { step.repeated += 1 } else if !event.isBackward { step.operations += 1 }
  }
  for position in 0..<2 as Range<UInt64> {
    run.position = position
    plan.forward()
    let rule = FusedUpdate(
      values: store.values, gradients: store.gradients, learningRate: 0.01, pool: run.pool
    ).sgd(momentum: 0, nesterov: false, velocity: nil)
    if updating {
      plan.backward(updating: rule)
    } else {
      plan.backward()
      for spec in store.specs {
        step.gradients["\(spec.name) \(position)"] = store.gradient(of: spec.name)?.values
          .map(\.bitPattern)
      }
      rule.apply()
    }
    step.loss.append(plan.value(of: loss)[0].bitPattern)
    plan.moveStates()
  }
  for spec in store.specs {
    step.parameters[spec.name] = store[spec.name]?.values.map(\.bitPattern)
  }
  step.bytes = Plan.workingBytes(graph, loss: loss, outputs: [])
  return step
}

@Suite("A plan that computes activations again")
struct RecomputingTests {
  /// A residual network with all that could go wrong when it is computed twice: running statistics,
  /// noise, dropout, a weight that two layers share, views and a value that is used far behind.
  ///
  /// - Parameter settles: Whether running statistics are read too, whose values are always kept.
  private static func residual(
    _ graph: Graph, depth: Int, width: Int, settles: Bool = true
  ) -> Tensor {
    let x = graph.input("x", [8, width])
    let shared = graph.parameter("shared", [width, width], .fanIn(width))
    var hidden = x
    for layer in 0..<depth {
      graph.within("layer\(layer)") {
        let weight = graph.parameter("weight.\(layer)", [width, width], .fanIn(width))
        var value = linear(hidden, weight: layer % 3 == 0 ? shared : weight)
        let mean = graph.parameter("mean.\(layer)", [width], .zeros, isState: true)
        let variance = graph.parameter("variance.\(layer)", [width], .ones, isState: true)
        // By the running statistics as they are before this step moves them, as a prior's encoder does.
        let settled = graph.evaluating {
          batchNorm(value, runningMean: mean, runningVariance: variance)
        }
        value = batchNorm(value, runningMean: mean, runningVariance: variance)
        if settles { value = value + tanh(settled) * 0.1 }
        value = dropout(tanh(value), rate: 0.2)
        value = value + graph.normal([8, width], stream: "noise") * 0.1
        hidden = hidden + value.reshaped([8 * width]).reshaped([8, width])
      }
    }
    return ((hidden - x) * (hidden - x)).sum()
  }

  @Test(arguments: [2, 3, 7, 12, 40])
  func `has the same losses, gradients and running statistics, to the bit`(depth: Int) {
    let build = { Self.residual($0, depth: depth, width: 64) }
    let kept = train(recomputes: false, updating: false, build)
    let again = train(recomputes: true, updating: false, build)
    #expect(kept.loss.allSatisfy { Float(bitPattern: $0).isFinite && $0 != 0 })
    #expect(!kept.gradients.isEmpty)
    #expect(again == kept)
    #expect(kept.repeated == 0)
    if depth >= 7 { #expect(again.repeated > 0) }
    // Parameters that change in the middle of the backward pass are read before.
    let updated = train(recomputes: true, updating: true, build)
    #expect(updated.parameters == kept.parameters)
  }

  @Test func `takes memory like the root of the depth, and at most each operation twice`() {
    var ratios: [Double] = []
    for depth in [10, 40, 160] {
      let build = { Self.residual($0, depth: depth, width: 64, settles: false) }
      let kept = train(recomputes: false, updating: false, build)
      let again = train(recomputes: true, updating: false, build)
      #expect(again.repeated <= again.operations)
      ratios.append(Double(again.bytes) / Double(kept.bytes))
    }
    // A layer keeps four values; of n layers, 2√n of n are there at a time.
    #expect(ratios[0] < 0.8, "\(ratios)")
    #expect(ratios[1] < 0.45, "\(ratios)")
    #expect(ratios[2] < 0.22, "\(ratios)")
  }

  @Test(arguments: 0..<40)
  func `does so for graphs of any form`(seed: Int) {
    let build = { (graph: Graph) -> Tensor in
      var random = RandomSequence(seed: UInt64(seed), stream: Random.stream("graphs"), position: 0)
      func pick(_ count: Int) -> Int { min(count - 1, Int(random.fraction() * Float(count))) }
      let parameters = (0..<3).map { graph.parameter("p\($0)", [6, 6], .fanIn(6)) }
      var values = [graph.input("x", [6, 6])]
      for step in 0..<60 {
        // Mostly the newest, now and then one from far behind.
        let a = values[max(0, values.count - 1 - (pick(4) == 0 ? pick(values.count) : pick(3)))]
        let b = values[max(0, values.count - 1 - pick(5))]
        switch pick(9) {
        case 0: values.append(tanh(a))
        case 1: values.append(a * b * 0.5)
        case 2: values.append(linear(a, weight: parameters[pick(3)]))
        case 3: values.append(tanh(a + b))
        case 4: values.append(sigmoid(a - b))
        case 5: values.append(dropout(a, rate: 0.3, stream: "\(step)"))
        case 6: values.append(a.reshaped([36]).reshaped([6, 6]))
        case 7: values.append(a.stopGradient() * b)
        default: values.append(a + graph.normal([6, 6], stream: "\(step)"))
        }
      }
      return (tanh(values[60]) * tanh(values[41]) + parameters[0]).sum()
    }
    let kept = train(recomputes: false, updating: false, build)
    let again = train(recomputes: true, updating: false, build)
    #expect(again == kept)
    #expect(again.bytes <= kept.bytes)
  }
}
