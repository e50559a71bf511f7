import ExptComponents
import ExptTensor

/// −log p(x) by annealed importance sampling, from above, and on images that the model made itself also from
/// below.
///
/// Chains begin at draws of the prior and move by Hamiltonian Monte Carlo through the densities
/// p(z) p(x|z)^t, t from 0 to 1 in `temperatures` steps of a sigmoid. The mean of the weights over the
/// chains is an unbiased estimate of p(x), so that its logarithm is on average below log p(x), and `ais`
/// (its negative) above −log p(x). On simulated images, whose latents are known, chains that go back from
/// those latents bound −log p(x) from below: `ais_gap` is the distance of the two bounds, which says how far
/// to trust the first.
///
/// HMC: `leapfrog` steps; each image's step size grows by 2 % after more, and shrinks by 2 % after less than
/// 65 % of accepted moves of its chains.
///
/// Source: Wu, Burda, Salakhutdinov & Grosse, "On the Quantitative Analysis of Decoder-Based Generative
/// Models", ICLR 2017, sections 3 and 4; Grosse, Ghahramani & Adams, "Sandwiching the Marginal Likelihood
/// Using Bidirectional Monte Carlo", 2015.
public struct AIS: Evaluator {
  public static let id = "ais"
  public static let summary = "−log p(x) by annealed importance sampling, with a check from below."
  public static let exampleSettings =
    "{ images: 4, chains: 3, temperatures: 20, leapfrog: 2, simulated: 4 }"
  public static let direction = Direction.lowerIsBetter
  public static let needs: Set<EvaluationNeed> = [.numbers, .prior, .density]

  @Setting("Only the first so many images.", .within(1...100_000)) public var images: Int = 100
  @Setting("Chains of each image.", .within(1...1000)) public var chains: Int = 16
  @Setting("Temperatures from prior to posterior.", .within(2...1_000_000))
  public var temperatures: Int = 500
  @Setting("Leapfrog steps of a move.", .within(1...1000)) public var leapfrog: Int = 10
  @Setting("Simulated images for the bound from below; 0: none.", .within(0...100_000))
  public var simulated: Int = 100
  @Setting("The seed of the chains.") public var seed: UInt64 = 0

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let count = min(images, subject.encodings.count)
    var bound = Moments()
    for group in Self.groups(count, chains: chains) {
      let draws = prior(group, subject)
      guard let joint = subject.joint(group, pixels: nil, chains: chains) else {
        throw EvaluationProblem("'\(Self.id)' needs a prior that has a density")
      }
      for estimate in estimates(joint, from: draws, group, isReverse: false) {
        bound.add(-estimate)
      }
    }
    var numbers = [Score.Number("ais", bound.estimate, unit: "nats")]
    if simulated > 0, let sandwich = sandwich(subject, min(simulated, count)) {
      numbers += [
        .init("ais_simulated", sandwich.upper.estimate, unit: "nats"),
        .init("ais_simulated_from_below", sandwich.lower.estimate, unit: "nats"),
        .init("ais_gap", sandwich.gap.estimate, unit: "nats"),
      ]
    }
    return Score(
      numbers,
      method: "\(count) images, \(chains) chains, \(temperatures) temperatures, "
        + "HMC of \(leapfrog) leapfrog steps")
  }

  /// As many images as give a batch of chains.
  private static func groups(_ count: Int, chains: Int) -> [Range<Int>] {
    let size = max(1, 512 / chains)
    return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  /// A draw of the prior for each chain.
  private func prior(_ group: Range<Int>, _ subject: any EvaluationSubject) -> [Float] {
    let images = group.flatMap { Array(repeating: $0, count: chains) }
    let known = subject.encodings.annotations.selecting(images)
    return subject.model.drawPrior(
      images.count, seed: seed &+ UInt64(group.lowerBound) &* 7919,
      given: known.labels == nil && known.factors.isEmpty ? nil : known)
  }

  // MARK: - Both directions on simulated images

  private func sandwich(
    _ subject: any EvaluationSubject, _ count: Int
  ) -> (upper: Moments, lower: Moments, gap: Moments)? {
    var (upper, lower, gap) = (Moments(), Moments(), Moments())
    let width = subject.encodings.latent
    for group in Self.groups(count, chains: chains) {
      let known = subject.encodings.annotations.selecting(Array(group))
      let told = known.labels == nil && known.factors.isEmpty ? nil : known
      let latents = subject.model.drawPrior(
        group.count, seed: ~seed &+ UInt64(group.lowerBound), given: told)
      guard let pixels = subject.model.draw(latents, seed: seed, given: told),
        let joint = subject.joint(group, pixels: pixels, chains: chains)
      else { return nil }
      let above = estimates(joint, from: prior(group, subject), group, isReverse: false)
      let starts = (0..<group.count).flatMap { image in
        (0..<chains).flatMap { _ in latents[image * width..<(image + 1) * width] }
      }
      let below = estimates(joint, from: starts, group, isReverse: true)
      for (above, below) in zip(above, below) {
        upper.add(-above)
        lower.add(-below)
        gap.add(below - above)
      }
    }
    return (upper, lower, gap)
  }

  // MARK: - The chains

  /// log of the mean weight of each image: forward of the estimate of p(x), in reverse of 1 over that of
  /// 1/p(x).
  private func estimates(
    _ joint: any JointDensity, from start: [Float], _ group: Range<Int>, isReverse: Bool
  ) -> [Double] {
    var chain = Chains(
      joint, at: start, images: group, perImage: chains, leapfrog: leapfrog, seed: seed)
    var weights = [Double](repeating: 0, count: group.count * chains)
    let path = Self.temperatures(temperatures)
    let steps =
      isReverse
      ? Array(zip(path.dropFirst(), path).reversed())
      : Array(zip(path, path.dropFirst()).map { ($0, $1) })
    for (number, (from, to)) in steps.enumerated() {
      // Weighed where it stands, then moved.
      let likelihood = chain.logLikelihood
      for row in weights.indices { weights[row] += (to - from) * likelihood[row] }
      if number < steps.count - 1 { chain.move(temperature: to, number, isReverse: isReverse) }
    }
    return (0..<group.count).map { image in
      var mean = LogMeanExp()
      for row in image * chains..<(image + 1) * chains { mean.add(weights[row]) }
      return isReverse ? -mean.value : mean.value
    }
  }

  /// From 0 to 1, close together at both ends: a sigmoid from −4 to 4, stretched.
  static func temperatures(_ count: Int) -> [Double] {
    let sigmoid = (0..<count).map {
      1 / (1 + RepeatableMath.exp(4 - 8 * Double($0) / Double(count - 1)))
    }
    let (first, last) = (sigmoid[0], sigmoid[count - 1])
    return sigmoid.map { ($0 - first) / (last - first) }
  }
}

/// Chains of Hamiltonian Monte Carlo, several for each image.
private struct Chains {
  private let joint: any JointDensity
  private let images: Range<Int>
  private let perImage: Int
  private let leapfrog: Int
  private let seed: UInt64
  private let width: Int
  private var place: [Float]
  private var values: JointValues
  /// Of each image.
  private var step: [Double]

  init(
    _ joint: any JointDensity, at start: [Float], images: Range<Int>, perImage: Int, leapfrog: Int,
    seed: UInt64
  ) {
    self.joint = joint
    self.images = images
    self.perImage = perImage
    self.leapfrog = leapfrog
    self.seed = seed
    width = start.count / (images.count * perImage)
    place = start
    values = joint.values(at: start, temperature: 0)
    step = Array(repeating: 0.1, count: images.count)
  }

  var logLikelihood: [Double] { values.logLikelihood }

  private var rows: Int { images.count * perImage }

  private func energy(_ values: JointValues, _ row: Int, _ temperature: Double) -> Double {
    -(temperature * values.logLikelihood[row] + values.logPrior[row])
  }

  mutating func move(temperature: Double, _ number: Int, isReverse: Bool) {
    let stream = Random.stream(isReverse ? "ais/reverse" : "ais")
    var momentum = [Float](repeating: 0, count: place.count)
    var luck = [Float](repeating: 0, count: rows)
    let position = UInt64(number) << 32 | UInt64(images.lowerBound)
    momentum.withUnsafeMutableBufferPointer {
      Random.fillNormal($0, seed: seed, stream: stream, position: position)
    }
    luck.withUnsafeMutableBufferPointer {
      Random.fillUniform($0, seed: seed, stream: stream ^ 1, position: position)
    }
    var current = joint.values(at: place, temperature: temperature)
    let start = current
    let before = (0..<rows).map { energy(start, $0, temperature) + kinetic(momentum, $0) }
    var proposed = place
    for step in 0..<leapfrog {
      kick(&momentum, current.gradient, share: step == 0 ? 0.5 : 1)
      for row in 0..<rows {
        let size = Float(self.step[row / perImage])
        for index in row * width..<(row + 1) * width { proposed[index] += size * momentum[index] }
      }
      current = joint.values(at: proposed, temperature: temperature)
    }
    kick(&momentum, current.gradient, share: 0.5)
    var accepted = [Int](repeating: 0, count: images.count)
    for row in 0..<rows {
      let after = energy(current, row, temperature) + kinetic(momentum, row)
      let isTaken =
        after.isFinite && RepeatableMath.log(Double(max(luck[row], 0x1p-25))) < before[row] - after
      guard isTaken else { continue }
      accepted[row / perImage] += 1
      for index in row * width..<(row + 1) * width { place[index] = proposed[index] }
    }
    values = joint.values(at: place, temperature: temperature)
    for image in step.indices {
      let share = Double(accepted[image]) / Double(perImage)
      step[image] = min(max(step[image] * (share > 0.65 ? 1.02 : 0.98), 1e-4), 1)
    }
  }

  private func kinetic(_ momentum: [Float], _ row: Int) -> Double {
    momentum[row * width..<(row + 1) * width].reduce(0) { $0 + 0.5 * Double($1) * Double($1) }
  }

  private func kick(_ momentum: inout [Float], _ gradient: [Float], share: Float) {
    for row in 0..<rows {
      let size = Float(step[row / perImage]) * share
      for index in row * width..<(row + 1) * width { momentum[index] += size * gradient[index] }
    }
  }
}
