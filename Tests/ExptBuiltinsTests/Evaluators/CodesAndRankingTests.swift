import ExptComponents
import ExptFiles
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

@testable import ExptBuiltins

@Suite("Codes, dictionaries, and runs of several seeds") struct CodesAndRankingTests {
  // MARK: Codes

  private func codebook(_ codes: [Float], _ space: LatentSpace) throws -> [String: Double] {
    let score = try builtins.make(.evaluator, "codebook").score(
      of: KnownSubject(
        codes: codes, width: space.width, annotations: Annotations(), space: space))
    return Dictionary(score.numbers.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
  }

  @Test func `codes used equally often have the perplexity of their number, one code has 1`() throws
  {
    let even = try codebook((0..<64).map { Float($0 % 8) }, .indices([1, 2, 2], size: 8))
    #expect(abs((even["codebook_perplexity"] ?? 0) - 8) < 1e-12 && even["codebook_usage"] == 1)
    let one = try codebook(Array(repeating: 3, count: 64), .indices([1, 2, 2], size: 8))
    #expect(one["codebook_perplexity"] == 1 && one["codebook_usage"] == 0.125)
    // Shares ½, ¼, ¼ of four codes: e^(1.5 ln 2).
    let skew = try codebook([0, 0, 1, 2], .indices([1, 1, 1], size: 4))
    #expect(abs((skew["codebook_perplexity"] ?? 0) - pow(2, 1.5)) < 1e-12)
    #expect(skew["codebook_usage"] == 0.75 && skew["codebook_perplexity_1"] == nil)
  }

  /// The trap: the mean of batches' perplexities is below that of all images together.
  @Test func `levels have numbers of their own, and all images count together`() throws {
    // Level 1 of image i is i, level 2 always 0; each image is a "batch" of perplexity 1.
    let levels = try codebook([0, 0, 1, 0, 2, 0, 3, 0], .indices([2, 1, 1], size: 4))
    #expect(abs((levels["codebook_perplexity_1"] ?? 0) - 4) < 1e-12)
    #expect(levels["codebook_perplexity_2"] == 1)
    #expect(abs((levels["codebook_perplexity"] ?? 0) - 2.5) < 1e-12)
    // Two choices among three, written as one-hot rows.
    let choices = try codebook([1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1], .codes(count: 2, size: 3))
    #expect(abs((choices["codebook_perplexity_1"] ?? 0) - 2) < 1e-12)
    #expect(choices["codebook_perplexity_2"] == 1)
    #expect(throws: EvaluationProblem.self) { try codebook([0.5, 1], .vector(2)) }
  }

  // MARK: Dictionaries

  /// Totals by SciPy 1.17's `linear_sum_assignment`.
  @Test(arguments: [
    (4, 6, 2.2653465346534656), (6, 4, 1.7702970297029703), (7, 7, 3.6821782178217823),
  ])
  func `the best matching has SciPy's total, and no partner twice`(
    rows: Int, columns: Int, total: Double
  ) {
    var gains: [Double] = []
    for i in 0..<rows {
      for j in 0..<columns {
        let number = (i * 37 + j * 59 + i * j * 13) % 101
        gains.append(Double(number) / 101 - 0.3)
      }
    }
    let matching = BestMatching(gains: gains, rows: rows, columns: columns)
    #expect(abs(matching.total - total) < 1e-12)
    let partners = matching.columnOfRow.compactMap { $0 }
    #expect(partners.count == min(rows, columns) && Set(partners).count == partners.count)
    var sum = 0.0
    for (row, column) in matching.columnOfRow.enumerated() {
      if let column { sum += gains[row * columns + column] }
    }
    #expect(abs(sum - total) < 1e-12)
  }

  @Test func `a dictionary that is permuted and scaled is the known one, a turned pattern is not`()
    throws
  {
    let folder = TemporaryFolder()
    let known = TestNumbers.normal(4 * 6, seed: 2)
    let path = folder.file("known.npy")
    try NPYArray(shape: [4, 6], floats: known).write(to: path)
    func scores(_ dictionary: [Float]) throws -> [String: Double] {
      let subject = KnownDictionary(patterns: dictionary)
      let score = try builtins.make(.evaluator, "{type: sparsity, known: \(path)}").score(
        of: subject)
      return Dictionary(score.numbers.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }
    func row(_ index: Int) -> [Float] { Array(known[index * 6..<(index + 1) * 6]) }
    let permuted = try scores(
      [2, 0, 3, 1].flatMap { place in row(place).map { 3 * Float(place + 1) * $0 } })
    #expect(abs((permuted["mcc"] ?? 0) - 1) < 1e-6)
    #expect(abs((permuted["mean_max_cosine"] ?? 0) - 1) < 1e-6)
    // One pattern learned twice and one not at all: the greatest cosines hide it, the matching does not.
    let doubled = try scores(row(0) + row(0) + row(1) + row(2))
    let partner = doubled["mcc"] ?? 1
    #expect(partner < 0.99 && (doubled["mean_max_cosine"] ?? 0) >= partner)
    let turned = try scores((0..<4).flatMap { row($0).map { -$0 } })
    #expect((turned["mcc"] ?? 1) < 0.9)
    // Two images: one has latents 0 and 2 on, the other latent 2 alone; 1 and 3 are dead.
    #expect(permuted["l0"] == 1.5 && permuted["dead_share"] == 0.5)
    // x are 0 and 1 in all of six values, and x̂ is ½, their mean: nothing is explained.
    #expect(abs(permuted["explained_variance"] ?? 1) < 1e-6)
    for bad in [
      NPYArray(shape: [4, 5], floats: Array(known[..<20])), NPYArray(shape: [24], floats: known),
      NPYArray(shape: [4, 6], floats: known.map { $0 > 1 ? .nan : $0 }),
    ] {
      try bad.write(to: path)
      #expect(throws: EvaluationProblem.self) { try scores(known) }
    }
  }

  @Test
  func `the data's own patterns are orthonormal, on as often as asked, and found to be themselves`()
    throws
  {
    let set = try builtins.make(
      .dataset, "{type: sparse_features, train: 4000, dimensions: 6, features: 4, probability: 0.3}"
    ).load(DataEnvironment()).train
    let patterns = try #require(set.patterns)
    func product(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Float {
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }
    func pattern(_ number: Int) -> ArraySlice<Float> { patterns[number * 6..<(number + 1) * 6] }
    for a in 0..<4 {
      for b in 0..<4 {
        let expected: Float = a == b ? 1 : 0
        #expect(abs(product(pattern(a), pattern(b)) - expected) < 1e-6)
      }
    }
    // The part of an example along a pattern is 0 or near 1.
    let values = set.values
    var on = 0
    for example in 0..<set.count {
      for number in 0..<4 {
        let part = product(values[example * 6..<(example + 1) * 6], pattern(number))
        #expect(abs(part) < 1e-5 || abs(part - 1) < 0.3)
        if part > 0.5 { on += 1 }
      }
    }
    // Of 16,000 draws: a standard deviation of 0.0036.
    #expect(abs(Double(on) / 16_000 - 0.3) < 0.015)
    var subject = KnownDictionary(patterns: patterns)
    subject.truth = Array(patterns[6...]) + patterns[..<6]
    let numbers = try builtins.make(.evaluator, "sparsity").score(of: subject).numbers
    #expect(abs((numbers.first { $0.name == "mcc" }?.value ?? 0) - 1) < 1e-6)
  }

  // MARK: Several seeds

  private func encodings(_ columns: [[Float]], kl: [Float]? = nil) -> Encodings {
    let rows = (0..<columns[0].count).flatMap { row in columns.map { $0[row] } }
    let width = columns.count
    return Encodings(
      count: columns[0].count, space: .vector(width), mean: rows,
      kl: kl.map { each in (0..<columns[0].count).flatMap { _ in each } })
  }

  /// By SciPy 1.17's `spearmanr` and equation 2 of the paper in NumPy.
  @Test func `UDR of two small models is the paper's formula`() throws {
    let count = 60
    let a: [[Float]] = [
      (0..<count).map { Float($0 * 17 % 61) / 61 }, (0..<count).map { Float($0 * 29 % 53) / 53 },
      (0..<count).map { Float($0 * $0 % 47) / 47 },
    ]
    let mixed: [Float] = zip(a[1], a[0]).map { -2 * $0 + 0.3 * $1 }
    let cubes: [Float] = a[2].map { $0 * $0 * $0 }
    let b = [mixed, cubes]
    let udr = try UDR([encodings(a), encodings(b)])
    #expect(abs(udr.pairs[0][1] - 0.6795560568181302) < 1e-6)
    #expect(udr.scores == [udr.pairs[0][1], udr.pairs[0][1]])
  }

  @Test func `models alike up to order and sign score 1 among themselves, and a mixed one less`()
    throws
  {
    let noise = TestNumbers.normal(3 * 500, seed: 4)
    let z = (0..<3).map { Array(noise[$0 * 500..<($0 + 1) * 500]) }
    let turned = encodings([z[2].map { -5 * $0 }, z[0], z[1].map { $0 * $0 * $0 }])
    let mixed = encodings([
      zip(z[0], z[1]).map { $0 + $1 }, zip(z[0], z[1]).map { $0 - $1 }, z[2],
    ])
    let udr = try UDR([encodings(z), turned, mixed])
    #expect(udr.pairs[0][1] > 0.85, "chance correlations of 500 images take a little")
    #expect(udr.pairs[0][2] < udr.pairs[0][1] - 0.15)
    // Latents without a KL take no part: one that is noise changes nothing.
    let extra = Array(TestNumbers.normal(500, seed: 9))
    let padded = try UDR([
      encodings(z + [extra], kl: [1, 1, 1, 0.001]), encodings(z + [extra], kl: [1, 1, 1, 0.001]),
    ])
    let bare = try UDR([encodings(z), encodings(z)])
    #expect(padded.pairs == bare.pairs)
    let collapsed = try UDR([encodings(z, kl: [0, 0, 0]), encodings(z)])
    #expect(collapsed.scores == [0, 0])
    #expect(throws: EvaluationProblem.self) { try UDR([encodings(z)]) }
  }

  // MARK: MIG from samples

  /// I(z; v) of z ~ N(±1, ½²) by SciPy's quadrature, as a share of log 2.
  @Test func `the gap from samples is that of two Gaussians by quadrature`() throws {
    let count = 3000
    let values = (0..<count).map { Float($0 % 2) }
    var subject = KnownGaussians(count: count)
    subject.factor = values
    subject.mean = values.flatMap { [2 * $0 - 1, 0] }
    subject.logVariance = values.flatMap { _ in [2 * log(Float(0.5)), 0] }
    let score = try builtins.make(.evaluator, "mig_samples").score(of: subject)
    #expect(score.numbers.map(\.name) == ["mig_samples", "mig_samples_side"])
    #expect(abs(score.numbers[0].value - 0.912822285774483) < 0.02, "\(score.numbers[0].value)")
  }

  // MARK: Features of a classifier

  @Test func `a classifier's features keep classes apart, alike each time and on any threads`()
    throws
  {
    let count = 4000
    let noise = TestNumbers.normal(count * 8, seed: 3)
    let labels = (0..<count).map { Int32($0 % 2) }
    var pixels = noise.map { 0.5 + 0.1 * $0 }
    for image in 0..<count { pixels[image * 8] = labels[image] == 0 ? 0.2 : 0.8 }
    let images = ImageSet(shape: [1, 2, 4], count: count, pixels: .floats(pixels), labels: labels)
    let (fitted, other) = try (
      ClassifierFeatures.fit(images, width: 5, pool: nil),
      ClassifierFeatures.fit(images, width: 5, pool: ThreadPool(threads: 2))
    )
    #expect(fitted == other)
    let one = ClassifierFeatures(fitted, width: 5, size: 8)
    let features = try one.of(pixels)
    #expect(features.count == count * 5)
    #expect(one.crossEntropy < 0.3, "\(one.crossEntropy)")
    // Means of the classes lie further apart than images of one class do.
    func mean(_ label: Int32) -> [Float] {
      (0..<5).map { place in
        let own = (0..<count).filter { labels[$0] == label }.map { features[$0 * 5 + place] }
        return own.reduce(0, +) / Float(own.count)
      }
    }
    let means = [mean(0), mean(1)]
    let apart = zip(means[0], means[1]).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let spread =
      (0..<count).reduce(Float(0)) { sum, image in
        let center = means[Int(labels[image])]
        return sum + (0..<5).reduce(Float(0)) { $0 + pow(features[image * 5 + $1] - center[$1], 2) }
      } / Float(count)
    #expect(apart > spread)
    var bare = images
    bare.labels = nil
    #expect(throws: EvaluationProblem.self) {
      try ClassifierFeatures.fit(bare, width: 5, pool: nil)
    }
  }
}

/// Posteriors that are known, with one factor.
private struct KnownGaussians: EvaluationSubject {
  var count: Int
  var factor: [Float] = []
  var mean: [Float] = []
  var logVariance: [Float] = []

  init(count: Int) { self.count = count }

  private var known: KnownSubject {
    KnownSubject(codes: mean, width: 2, annotations: Annotations())
  }
  var model: any ModelAccess { known.model }
  var images: ImageSet { known.images }
  var encodings: Encodings {
    Encodings(
      count: count, space: .vector(2), mean: mean, parameters: [("log_variance", logVariance)],
      annotations: Annotations(factors: [("side", factor)]))
  }
  func likelihood(samples: Int, seed: UInt64) -> Evaluation {
    known.likelihood(samples: samples, seed: seed)
  }
}

/// Two images of 2×3 pixels, 0 and 1, which a model of four patterns makes ½ of.
private struct KnownDictionary: EvaluationSubject {
  var patterns: [Float]
  /// What the images are made of.
  var truth: [Float]?

  struct Half: ModelAccess {
    let image: Shape = [1, 2, 3]
    let space = LatentSpace.vector(4)
    let isGenerative = false
    func encode(_ images: ImageSet) -> Encodings { Encodings(count: 0, space: space, mean: []) }
    func decode(_ latents: [Float], given annotations: Annotations?) -> [Float] {
      [Float](repeating: 0.5, count: latents.count / 4 * 6)
    }
    func drawPrior(_ count: Int, seed: UInt64, given annotations: Annotations?) -> [Float] { [] }
  }

  var dictionary: [Float]? { patterns }
  var model: any ModelAccess { Half() }
  var images: ImageSet {
    var set = ImageSet(
      shape: [1, 2, 3], count: 2,
      pixels: .floats(Array(repeating: 0, count: 6) + Array(repeating: 1, count: 6)))
    set.patterns = truth
    return set
  }
  var encodings: Encodings {
    Encodings(count: 2, space: .vector(4), mean: [1, 0, 0.5, 0, 0, 0, 2, 0])
  }
  func likelihood(samples: Int, seed: UInt64) -> Evaluation {
    Evaluation(
      count: 2, samples: samples, seed: seed,
      reconstruction: Estimate(mean: 0, standardError: nil), variational: nil, dimensions: [])
  }
}
