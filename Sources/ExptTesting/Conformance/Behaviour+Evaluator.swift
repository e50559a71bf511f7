import ExptComponents
import ExptTensor

extension Behaviour {
  /// An evaluator measures a model whose numbers are made up, and must refuse one that lacks what it
  /// needs.
  mutating func examine(_ evaluator: any Evaluator) {
    let needs = type(of: evaluator).needs
    let subject = MadeUpSubject(hasCodes: needs.contains(.codes))
    do throws(EvaluationProblem) {
      let score = try evaluator.score(of: subject)
      record(score.numbers.map(\.value))
      record(score.numbers.compactMap(\.standardError))
      if isBrief { return }
      expect(!score.numbers.isEmpty, "it finds no number")
      expect(
        score.numbers.allSatisfy { $0.value.isFinite }, "a number that it finds is not finite")
      expect(
        Set(score.numbers.map(\.name)).count == score.numbers.count,
        "two of its numbers have one name")
      expect(!score.method.isEmpty, "it does not say how it measured")
      expect(
        try evaluator.score(of: subject) == score, "it finds other numbers the second time")
    } catch { expect(false, "it fails: \(error.message)") }
    for need in EvaluationNeed.allCases {
      var subject = subject
      subject.lacking = need
      let isRefused = (try? evaluator.score(of: subject)) == nil
      // Images without factors have no labels either.
      let isNeeded = needs.contains(need) || (need == .factors && needs.contains(.labels))
      expect(
        isRefused == isNeeded,
        "it \(isRefused ? "fails" : "works") without \(need), and says the contrary")
    }
  }
}

/// A model of 3 latents and 150 images with a class and two factors each.
private struct MadeUpSubject: EvaluationSubject {
  /// Whether latents are codes, and not numbers.
  var hasCodes = false
  var lacking: EvaluationNeed?
  private let count = 150

  var model: any ModelAccess { MadeUpModel(isGenerative: lacking != .prior, space: space) }

  var measuredLikelihood: MeasuredLikelihood {
    MeasuredLikelihood("made_up", measure: lacking == .density ? .loss : .density)
  }

  /// Class 4 is one that the model was not shown.
  var leftOut: [Int] { [4] }

  private var space: LatentSpace {
    if hasCodes, lacking != .codes { return .indices([1, 1, 3], size: 4) }
    return lacking == .numbers ? .sphere(3) : .vector(3)
  }

  var dictionary: [Float]? {
    lacking == .dictionary ? nil : TestNumbers.normal(3 * 6, seed: 6)
  }

  var trainingImages: ImageSet? { images }

  private var annotations: Annotations {
    let labels = (0..<count).map { Int32($0 % 10) }
    let position = TestNumbers.uniform(count, in: 0...1, seed: 9)
    let size = (0..<count).map { Float($0 / 10 % 4) }
    return Annotations(
      labels: lacking == .labels || lacking == .factors ? nil : labels,
      factors: lacking == .factors ? [] : [("position", position), ("size", size)])
  }

  var images: ImageSet {
    ImageSet(
      shape: [1, 2, 3], count: count,
      pixels: .floats(TestNumbers.uniform(count * 6, in: 0...1, seed: 8)),
      labels: annotations.labels, factors: annotations.factors)
  }

  /// Two of the latents follow a factor each, and the third is noise.
  var encodings: Encodings {
    let noise = TestNumbers.normal(count * 3, seed: 7)
    let factors = MadeUpSubject().annotations.factors.map(\.values)
    var (mean, kl): ([Float], [Float]) = ([], [])
    for image in 0..<count {
      let own = noise[image * 3..<(image + 1) * 3].map { 0.4 * $0 }
      mean +=
        space.isOfCodes
        ? [0, 1, Float(image % 4)]
        : [factors[0][image] + own[0], 0.3 * factors[1][image] + own[1], own[2]]
      kl += [0.6 + own[0], 0.3 + own[1], own[2] * own[2]]
    }
    return Encodings(
      count: count, space: space, mean: mean, parameters: [("log_variance", kl.map { -3 - $0 })],
      kl: kl, annotations: annotations)
  }

  func likelihoods(samples: Int, seed: UInt64) -> [ExampleLikelihood] {
    (0..<count).map { image in
      let noise = TestNumbers.normal(samples, seed: seed &+ UInt64(image))
      let drawn = noise.reduce(0) { $0 + Double($1) } / Double(samples)
      return ExampleLikelihood(
        reconstruction: 50 + drawn, kl: 5 + Double(image % 7) / 10,
        importanceWeightedNLL: 54 + drawn)
    }
  }

  func likelihood(samples: Int, seed: UInt64) -> Evaluation {
    var (reconstruction, kl, elbo, weighted) = (Moments(), Moments(), Moments(), Moments())
    for image in likelihoods(samples: samples, seed: seed) {
      reconstruction.add(image.reconstruction)
      kl.add(image.kl ?? 0)
      elbo.add(image.elbo ?? 0)
      weighted.add(image.importanceWeightedNLL ?? 0)
    }
    return Evaluation(
      count: count, samples: samples, seed: seed, reconstruction: reconstruction.estimate,
      variational: Evaluation.Variational(
        kl: kl.estimate, elbo: elbo.estimate, importanceWeightedNLL: weighted.estimate),
      dimensions: encodings.dimensions)
  }
}

extension MadeUpSubject {
  func logPrior(_ latents: [Float]) -> [Double]? {
    stride(from: 0, to: latents.count, by: 3).map { row in
      latents[row..<row + 3].reduce(-2.756815599614018) { $0 - 0.5 * Double($1) * Double($1) }
    }
  }

  /// log p(x|z) = −2 |z − m|² for an image whose encoder's mean is m.
  func joint(_ images: Range<Int>, pixels: [Float]?, chains: Int) -> (any JointDensity)? {
    let means = encodings.mean[images.lowerBound * 3..<images.upperBound * 3]
    return MadeUpJoint(subject: self, means: Array(means), chains: chains)
  }
}

private struct MadeUpJoint: JointDensity {
  let subject: MadeUpSubject
  let means: [Float]
  let chains: Int

  func values(at latents: [Float], temperature: Double) -> JointValues {
    var likelihood = [Double](repeating: 0, count: latents.count / 3)
    var gradient = latents
    for place in latents.indices {
      let distance = latents[place] - means[place / 3 / chains * 3 + place % 3]
      likelihood[place / 3] -= 2 * Double(distance) * Double(distance)
      gradient[place] = -latents[place] - 4 * Float(temperature) * distance
    }
    return JointValues(
      logLikelihood: likelihood, logPrior: subject.logPrior(latents) ?? [], gradient: gradient)
  }
}

/// Latents are the first three pixels; images are made of them by a plain formula.
private struct MadeUpModel: ModelAccess {
  let image: Shape = [1, 2, 3]
  let isGenerative: Bool
  let space: LatentSpace

  func encode(_ images: ImageSet) -> Encodings {
    guard case .floats(let pixels) = images.pixels else {
      return Encodings(count: 0, space: space, mean: [])
    }
    let mean = (0..<images.count).flatMap { pixels[$0 * 6..<$0 * 6 + 3] }
    return Encodings(
      count: images.count, space: space, mean: mean, annotations: images.annotations)
  }

  func decode(_ latents: [Float], given annotations: Annotations?) -> [Float] {
    stride(from: 0, to: latents.count, by: 3).flatMap { start in
      (0..<6).map { pixel -> Float in
        let value: Float = 0.5 + latents[start + pixel % 3] / 4
        return min(1, max(0, value))
      }
    }
  }

  func draw(_ latents: [Float], seed: UInt64, given annotations: Annotations?) -> [Float]? {
    decode(latents, given: annotations)
  }

  func drawPrior(_ count: Int, seed: UInt64, given annotations: Annotations?) -> [Float] {
    isGenerative ? TestNumbers.normal(count * 3, seed: seed) : []
  }
}
