import ExptTensor

/// An equal mixture of the posteriors of K examples, of any kind that has a density: a VampPrior, or the
/// aggregate posterior.
///
///     log p(z) = log Σₖ q(z|uₖ) − log K
///
/// Every row is measured under every posterior, which takes K · rows · d numbers of memory;
/// `GaussianMixture` needs less for Gaussians of independent dimensions. There is no closed-form KL to it.
public struct PosteriorMixture: Distribution {
  private let count: Int
  private let posteriors: any Distribution
  private let encode: (_ chosen: Tensor) -> any Distribution
  private let examples: Tensor

  /// - Parameters:
  ///   - posteriors: Of K examples.
  ///   - encode: The posteriors of some of the examples, by their numbers, `[n]`: a draw takes one of
  ///     each.
  /// - Returns: nil for posteriors without a density of values that were drawn elsewhere.
  public init?(
    _ posteriors: any Distribution, count: Int, of examples: Tensor,
    encode: @escaping (_ chosen: Tensor) -> any Distribution
  ) {
    let anywhere = examples.graph.constant(0, [count, posteriors.space.width])
    guard posteriors.logDensity(anywhere) != nil else { return nil }
    self.count = count
    self.posteriors = posteriors
    self.examples = examples
    self.encode = encode
  }

  public var space: LatentSpace { posteriors.space }

  /// One of the examples for each draw, and a draw of its posterior.
  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let rows = batch * count
    let drawn = floor(scope.graph.uniform([rows], stream: "component") * Float(self.count))
    // Rounding may lead to the number behind the last.
    let chosen = clamp(drawn, 0...Float(self.count - 1))
    let values = scope.graph.within("prior") {
      encode(chosen).draw(1, batch: rows, in: scope).values
    }
    return Draw(values, logDensity: logDensity(values))
  }

  public func logDensity(_ values: Tensor) -> Tensor? {
    componentLogDensity(values).logSumExp(along: 1) - Float(RepeatableMath.log(Double(count)))
  }
}

extension PosteriorMixture: Mixture {
  public func componentLogDensity(_ values: Tensor) -> Tensor {
    guard let each = posteriors.logDensity(values.tiledRows(count)) else {
      preconditionFailure("posteriors that had a density when they were mixed have none")
    }
    return each.reshaped([count, values.shape[0]]).transposed()
  }

  public var logWeights: Tensor {
    examples.graph.constant(-Float(RepeatableMath.log(Double(count))), [1, count])
  }

  public var sources: Tensor? { examples }

  public var centres: Tensor? { posteriors.expectation }
}
