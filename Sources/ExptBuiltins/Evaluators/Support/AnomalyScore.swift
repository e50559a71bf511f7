public import ExptComponents

/// How strange an example is to a model: the higher, the stranger.
///
/// | name | score |
/// | --- | --- |
/// | `reconstruction` | Σ (x − x̂)² over the values, x̂ decoded from the encoder's mean |
/// | `nll` | E[−log p(x\|z)], z from the posterior, in nats |
/// | `elbo` | −ELBO, in nats |
/// | `iw_nll` | the importance-weighted NLL, in nats |
/// | `latent` | Mahalanobis distance of the encoder's mean from those of the training images |
///
/// Of a table with named columns the error of a category is 0 or 1, whether it is another, and that of a count is
/// the one of log(1 + n) in units of the training rows; missing values have none.
public enum AnomalyScore: String, NamedChoice {
  case reconstruction, nll, elbo
  case weighted = "iw_nll"
  case latent

  /// What it is, in a few words.
  ///
  /// - Parameter samples: Latents drawn for each example.
  public func description(samples: Int) -> String {
    switch self {
    case .reconstruction: "squared error of the reconstruction from the encoder's mean"
    case .nll: "reconstruction term in nats, \(samples) samples"
    case .elbo: "negative ELBO in nats, \(samples) samples"
    case .weighted: "importance-weighted NLL in nats, \(samples) samples"
    case .latent: "Mahalanobis distance of the encoder's mean from those of the training images"
    }
  }

  /// The score of each example.
  ///
  /// - Throws: `EvaluationProblem` where the model has no such score, or an example's is not finite.
  public func values(
    of subject: any EvaluationSubject, samples: Int, seed: UInt64
  ) throws(EvaluationProblem) -> [Double] {
    try values(of: subject) { subject.likelihoods(samples: samples, seed: seed) }
  }

  /// All scores that the model has, with that of each example.
  public static func known(
    of subject: any EvaluationSubject, samples: Int, seed: UInt64
  ) -> [(score: AnomalyScore, values: [Double])] {
    lazy var likelihoods = subject.likelihoods(samples: samples, seed: seed)
    return allCases.compactMap { score in
      (try? score.values(of: subject) { likelihoods }).map { (score, $0) }
    }
  }

  private func values(
    of subject: any EvaluationSubject, _ likelihoods: () -> [ExampleLikelihood]
  ) throws(EvaluationProblem) -> [Double] {
    let values: [Double?] =
      switch self {
      case .reconstruction: try Self.sums(Self.squaredErrors(of: subject), subject)
      case .nll: likelihoods().map(\.reconstruction)
      case .elbo: likelihoods().map { example in example.elbo.map { -$0 } }
      case .weighted: likelihoods().map(\.importanceWeightedNLL)
      case .latent: try Self.distances(of: subject)
      }
    let known = values.compactMap(\.self)
    guard known.count == values.count, !known.isEmpty else {
      throw EvaluationProblem(
        "this model has no score '\(rawValue)', because it has no prior, or its latents have no density; "
          + "every model has the score 'reconstruction'")
    }
    guard known.allSatisfy(\.isFinite) else {
      throw EvaluationProblem("the score '\(rawValue)' of some examples is not a finite number")
    }
    return known
  }

  /// (x − x̂)² of each value of each example, x̂ decoded from the encoder's mean: `[count] + image`.
  ///
  /// - Throws: `EvaluationProblem` where a reconstruction is no finite number.
  public static func squaredErrors(
    of subject: any EvaluationSubject
  ) throws(EvaluationProblem) -> [Float] {
    let encodings = subject.encodings
    let decoded = subject.model.decode(encodings.points, given: encodings.annotations)
    let images = subject.presented
    guard decoded.count == images.count, decoded.allSatisfy(\.isFinite) else {
      throw EvaluationProblem("the model's reconstructions are not finite numbers: it has diverged")
    }
    guard let table = subject.images.table else {
      return zip(images, decoded).map { ($0 - $1) * ($0 - $1) }
    }
    return table.squaredErrors(images, decoded, observed: subject.images.observed)
  }

  private static func sums(_ parts: [Float], _ subject: any EvaluationSubject) -> [Double] {
    let size = max(1, parts.count / max(1, subject.encodings.count))
    return stride(from: 0, to: parts.count, by: size).map { start in
      parts[start..<start + size].reduce(0) { $0 + Double($1) }
    }
  }

  /// Axes along which the training latents vary less than this share of the most are left out: a collapsed
  /// latent would count rounding errors as strange.
  private static let leastVariance = 1e-6

  /// √((μ − m)ᵀ·Σ⁻¹·(μ − m)), m and Σ the mean and the covariance of the training images' means.
  private static func distances(
    of subject: any EvaluationSubject
  ) throws(EvaluationProblem) -> [Double] {
    if let lack = EvaluationNeed.numbers.lack(in: EvaluationFacts(subject)) {
      throw EvaluationProblem("'latent' needs \(lack)")
    }
    guard let known = subject.trainingEncodings, known.count > 1 else {
      throw EvaluationProblem("'latent' compares with the training images, and they are not known")
    }
    return distances(of: subject.encodings, from: known, subject)
  }

  private static func distances(
    of encodings: Encodings, from known: Encodings, _ subject: any EvaluationSubject
  ) -> [Double] {
    let width = known.latent
    let spread = SampleCovariance(known.mean, width: width, pool: subject.pool)
    let axes = SymmetricEigen(spread.matrix, width: width)
    let used = axes.values.indices.filter {
      axes.values[$0] > 0 && axes.values[$0] >= leastVariance * axes.values[0]
    }
    return (0..<encodings.count).map { example in
      let deviation = zip(encodings.mean(ofImage: example), spread.mean).map { Double($0) - $1 }
      let square = used.reduce(0.0) { sum, axis in
        let along = zip(axes.vector(axis), deviation).reduce(0) { $0 + $1.0 * $1.1 }
        return sum + along * along / axes.values[axis]
      }
      return square.squareRoot()
    }
  }
}
