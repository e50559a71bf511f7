import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTestSupport
import ExptTesting
import Testing

@Suite("Anomalies") struct AnomalyTests {
  private let scores = [0.1, 0.4, 0.35, 0.8, 0.4, 0.9, 0.2, 0.4, 0.7, 0.15]
  private let isSought = [false, false, true, true, true, true, false, false, false, false]

  /// By scikit-learn 1.9.1: `roc_auc_score` and `average_precision_score`; the error by a loop over all pairs
  /// in NumPy, as DeLong, DeLong & Clarke-Pearson have it.
  @Test func `a ranking has scikit-learn's areas and DeLong's error`() throws {
    let ranking = try #require(BinaryRanking(scores, isSought: isSought))
    #expect(abs(ranking.auroc.mean - 0.7916666666666667) < 1e-12)
    let error = try #require(ranking.auroc.standardError)
    #expect(abs(error - 0.1570120306784731) < 1e-12)
    #expect(abs(ranking.averagePrecision - 0.7678571428571428) < 1e-12)
    // Of the four highest, 0.9, 0.8 and 0.7 are in for sure, two of them sought, and one of three 0.4s, of
    // which one is sought.
    #expect(abs(ranking.precisionAtN - (2 + 1.0 / 3) / 4) < 1e-12)
  }

  @Test func `the area is the share of pairs in order, ties counting half`() throws {
    let numbers = TestNumbers.normal(400, seed: 5)
    let scores = numbers.map { Double(($0 * 4).rounded()) / 4 }
    let isSought = (0..<400).map { $0 % 7 == 0 }
    var (inOrder, pairs) = (0.0, 0.0)
    for a in 0..<400 where isSought[a] {
      for b in 0..<400 where !isSought[b] {
        pairs += 1
        inOrder += scores[a] > scores[b] ? 1 : scores[a] == scores[b] ? 0.5 : 0
      }
    }
    let ranking = try #require(BinaryRanking(scores, isSought: isSought))
    #expect(abs(ranking.auroc.mean - inOrder / pairs) < 1e-12)
  }

  @Test func `a constant score finds half, a perfect one all, and one kind alone is no ranking`()
    throws
  {
    let constant = try #require(
      BinaryRanking([3, 3, 3, 3], isSought: [true, false, false, false]))
    #expect(constant.auroc.mean == 0.5 && constant.precisionAtN == 0.25)
    #expect(constant.averagePrecision == 0.25)
    let perfect = try #require(BinaryRanking([1, 2, 3, 4], isSought: [false, false, true, true]))
    #expect(perfect.auroc.mean == 1 && perfect.averagePrecision == 1 && perfect.precisionAtN == 1)
    #expect(BinaryRanking([1, 2], isSought: [true, true]) == nil)
  }

  /// By SciPy 1.17: `scipy.spatial.distance.mahalanobis` with the inverse of `numpy.cov(bias=True)`.
  @Test func `the distance of latents is SciPy's, and a collapsed latent adds nothing`() throws {
    let known: [Float] = [1, 2, 3, 1, 2, 4, 5, 5, 0, 1]
    let subject = KnownTraining(codes: [1, 1, 6, 0], training: known, width: 2)
    let distances = try AnomalyScore.latent.values(of: subject, samples: 1, seed: 0)
    for (found, wanted) in zip(distances, [0.9858816444292031, 4.718228718808643]) {
      #expect(abs(found - wanted) < 1e-6)
    }
    func widened(_ values: [Float], _ third: Float) -> [Float] {
      stride(from: 0, to: values.count, by: 2).flatMap { [values[$0], values[$0 + 1], third] }
    }
    let wide = KnownTraining(
      codes: widened([1, 1, 6, 0], 7.001), training: widened(known, 7), width: 3)
    let same = try AnomalyScore.latent.values(of: wide, samples: 1, seed: 0)
    for (found, wanted) in zip(same, distances) { #expect(abs(found - wanted) < 1e-6) }
  }

  @Test func `scores from likelihoods are the terms of the bound, and missing ones are said`()
    throws
  {
    var subject = KnownTraining(codes: [0, 0], training: [], width: 2)
    subject.each = [.init(reconstruction: 7, kl: 2, importanceWeightedNLL: 8.5)]
    func value(_ score: AnomalyScore) throws -> [Double] {
      try score.values(of: subject, samples: 1, seed: 0)
    }
    #expect(try value(.nll) == [7] && value(.elbo) == [9] && value(.weighted) == [8.5])
    subject.each = [.init(reconstruction: 7)]
    #expect(try value(.nll) == [7])
    for score in [AnomalyScore.elbo, .weighted, .latent] {
      #expect(throws: EvaluationProblem.self) { try value(score) }
    }
    subject.each = [.init(reconstruction: .nan)]
    #expect(throws: EvaluationProblem.self) { try value(.nll) }
  }

  @Test func `classes to be found are those of the settings, else those that were left out`() throws
  {
    var subject = KnownTraining(codes: Array(repeating: 0, count: 8), training: [], width: 2)
    subject.labels = [0, 1, 1, 2]
    subject.each = [1, 5, 6, 3].map { ExampleLikelihood(reconstruction: $0) }
    func found(_ text: String) throws -> [Double] {
      try builtins.make(.evaluator, text).score(of: subject).numbers.map(\.value)
    }
    #expect(try found("{type: anomaly, score: nll, classes: [1]}") == [1, 1, 1])
    #expect(throws: EvaluationProblem.self) { try found("{type: anomaly, score: nll}") }
    subject.out = [0]
    #expect(try found("{type: anomaly, score: nll}") == [0, 0.25, 0])
    #expect(throws: EvaluationProblem.self) {
      try found("{type: anomaly, score: nll, classes: [9]}")
    }
  }
}

/// Latents and likelihoods that are known, without a network.
private struct KnownTraining: EvaluationSubject {
  var codes: [Float]
  var training: [Float]
  var width: Int
  var each: [ExampleLikelihood] = []
  var labels: [Int32]?
  var out: [Int] = []

  private var known: KnownSubject {
    KnownSubject(codes: codes, width: width, annotations: Annotations(labels: labels, factors: []))
  }

  var model: any ModelAccess { known.model }
  var images: ImageSet { known.images }
  var encodings: Encodings { known.encodings }
  var leftOut: [Int] { out }
  var trainingEncodings: Encodings? {
    Encodings(count: training.count / width, space: .vector(width), mean: training)
  }

  func likelihood(samples: Int, seed: UInt64) -> Evaluation {
    known.likelihood(samples: samples, seed: seed)
  }

  func likelihoods(samples: Int, seed: UInt64) -> [ExampleLikelihood] { each }
}
