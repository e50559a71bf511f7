public import ExptComponents

/// Unsupervised disentanglement ranking: how alike the latents of models are that differ in their seed alone.
/// Disentangled latents are found again up to their order and sign; entangled ones are not.
///
///     UDRᵢⱼ = (Σ_b r_a(b)² / Σ_a R(a, b) + Σ_a r_b(a)² / Σ_b R(a, b)) / (d_a + d_b)
///
/// R(a, b) is the magnitude of Spearman's correlation between latent a of model i and latent b of model j over
/// the same images, r_a(b) the greatest R(a, b) over a; sums run over informative latents only (KL over 0.01
/// nats; where the KL does not split, variance of the mean over 0.01), d_a and d_b of them. A model's score
/// is the median of its UDRᵢⱼ over the others: 1 for models that are equal up to order and sign.
///
/// Source: Duan et al., "Unsupervised Model Selection for Variational Disentangled Representation Learning",
/// ICLR 2020, arXiv 1905.12614, section 4 and equation 2 (the Spearman version).
public struct UDR: Sendable {
  /// UDRᵢⱼ, symmetric; 1 on the diagonal.
  public let pairs: [[Double]]

  /// - Parameter models: What each model says about the same images; at least two.
  /// - Throws: `EvaluationProblem` for other than Euclidean latents, and for different images.
  public init(_ models: [Encodings]) throws(EvaluationProblem) {
    guard models.count > 1 else {
      throw EvaluationProblem("UDR compares models with one another: name at least two runs")
    }
    for model in models {
      guard model.space.isEuclidean else {
        throw EvaluationProblem(
          "UDR needs latents that are real numbers, and these are \(model.space)")
      }
      guard model.count == models[0].count, model.count > 1 else {
        throw EvaluationProblem("UDR needs the same images for all models, at least two")
      }
    }
    let columns = models.map(Self.rankedColumns)
    var pairs = Array(
      repeating: [Double](repeating: 1, count: models.count), count: models.count)
    for first in models.indices {
      for second in models.indices where second > first {
        let score = Self.score(columns[first], columns[second])
        (pairs[first][second], pairs[second][first]) = (score, score)
      }
    }
    self.pairs = pairs
  }

  /// Of each model.
  public var scores: [Double] {
    pairs.indices.map { model in
      let others = pairs[model].enumerated().filter { $0.offset != model }.map(\.element).sorted()
      let middle = others.count / 2
      return others.count.isMultiple(of: 2)
        ? (others[middle - 1] + others[middle]) / 2 : others[middle]
    }
  }

  /// The informative latents, as ranks of mean 0 and length 1.
  private static func rankedColumns(_ model: Encodings) -> [[Double]] {
    model.dimensions.filter { $0.kl == nil ? $0.isActive : $0.isInformative }.map { dimension in
      let values = (0..<model.count).map {
        Double(model.mean[$0 * model.latent + dimension.number])
      }
      let ranked = ranks(of: values).map { $0 - Double(model.count + 1) / 2 }
      let length = ranked.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return length > 0 ? ranked.map { $0 / length } : ranked
    }
  }

  /// 0 where a model has no informative latent.
  private static func score(_ first: [[Double]], _ second: [[Double]]) -> Double {
    guard !first.isEmpty, !second.isEmpty else { return 0 }
    let likeness = first.map { a in
      second.map { b in abs(zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }) }
    }
    func sum(_ lines: [[Double]]) -> Double {
      lines.reduce(0) { sum, line in
        let (total, most) = (line.reduce(0, +), line.max() ?? 0)
        return total > 0 ? sum + most * most / total : sum
      }
    }
    let turned = second.indices.map { b in likeness.map { $0[b] } }
    return (sum(likeness) + sum(turned)) / Double(first.count + second.count)
  }
}
