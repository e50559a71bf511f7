import Synchronization

extension Tensor {
  /// The same numbers, as a constant to the gradient: nothing upstream of it learns through it. Costs
  /// nothing.
  ///
  ///     let straight = x + (round(x) - x).stopGradient()  // rounds; the gradient is that of x
  public func stopGradient() -> Tensor { graph.stopped(self) }
}

/// What its input was in the first run, in all later ones: a constant to finite differences too.
final class HeldValue: Operation {
  private let first = Mutex<[Float]?>(nil)

  var name: String { "held" }
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let value = first.withLock { first in
      let value = first ?? Array(pass.inputs[0].values)
      first = value
      return value
    }
    _ = pass.output.values.update(fromContentsOf: value)
  }

  /// Never asked for: a stopped view follows it.
  func backward(_ pass: BackwardPass) {}
}
