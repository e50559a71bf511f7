public import ExptTensor

/// Says how good a trained model is on some images, in one or more numbers.
///
///     expt evaluate RUN --evaluator mig
///
/// An evaluator is its settings: the same images, weights and settings give the same numbers.
public protocol Evaluator: Component {
  /// Whether a higher or a lower first number is better.
  static var direction: Direction { get }
  /// What it cannot do without: checked before `evaluate` is called. The default is nothing.
  static var needs: Set<EvaluationNeed> { get }

  /// Called where there is all that it needs.
  ///
  /// - Throws: `EvaluationProblem` where these images cannot be measured so.
  func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score
}

extension Evaluator {
  public static var needs: Set<EvaluationNeed> { [] }

  /// What `evaluate` says, once there is all that it needs.
  ///
  /// - Throws: `EvaluationProblem` for the first thing that is missing.
  public func score(of subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let facts = EvaluationFacts(subject)
    for need in EvaluationNeed.allCases where Self.needs.contains(need) {
      if let lack = need.lack(in: facts) { throw EvaluationProblem("'\(id)' needs \(lack)") }
    }
    let encodings = subject.encodings
    if let place = encodings.mean.firstIndex(where: { !$0.isFinite }) {
      throw EvaluationProblem(
        "the latents of image \(place / max(1, encodings.latent)) are not finite numbers: the model has "
          + "diverged")
    }
    return try evaluate(subject)
  }
}

/// Which numbers are better.
public enum Direction: String, Sendable {
  case higherIsBetter = "higher"
  case lowerIsBetter = "lower"
}

/// What an evaluator may need besides images and their latents.
public enum EvaluationNeed: Sendable, Hashable, CaseIterable {
  /// Latents that are real numbers.
  case numbers
  /// Latents that are codes: choices among a table's.
  case codes
  /// A dictionary of patterns.
  case dictionary
  /// A prior over the latents.
  case prior
  /// A likelihood that is a probability or a density.
  case density
  /// The class of each image.
  case labels
  /// What the images were made from: factors, or at least a class of each.
  case factors

  /// The need in words where it is not met, else nil.
  public func lack(in facts: EvaluationFacts) -> String? {
    switch self {
    case .numbers where !facts.space.isEuclidean:
      return "latents that are real numbers, and these are \(facts.space)"
    case .codes where !facts.space.isOfCodes:
      return "latents that are codes, and these are \(facts.space)"
    case .dictionary where !facts.hasDictionary:
      return "a dictionary of patterns, and the model has none"
    case .density where facts.likelihood.measure == .loss:
      return "a density, and the likelihood \(facts.likelihood.id) is a loss"
    case .prior where !facts.isGenerative:
      return "a prior, and the model is an autoencoder without one"
    case .labels where !facts.hasLabels:
      return "labels, and these images have none"
    case .factors where !facts.hasFactors && !facts.hasLabels:
      return "factors or labels, and these images have none"
    default: return nil
    }
  }
}

/// What evaluators' needs are judged by: known of a model and its data before anything is trained.
public struct EvaluationFacts {
  public var space: LatentSpace
  public var isGenerative: Bool
  public var hasDictionary: Bool
  public var likelihood: MeasuredLikelihood
  public var hasLabels: Bool
  public var hasFactors: Bool

  public init(
    space: LatentSpace, isGenerative: Bool, hasDictionary: Bool, likelihood: MeasuredLikelihood,
    hasLabels: Bool, hasFactors: Bool
  ) {
    (self.space, self.isGenerative, self.hasDictionary) = (space, isGenerative, hasDictionary)
    (self.likelihood, self.hasLabels, self.hasFactors) = (likelihood, hasLabels, hasFactors)
  }

  public init(_ subject: any EvaluationSubject) {
    let (encodings, annotations) = (subject.encodings, subject.encodings.annotations)
    self.init(
      space: encodings.space, isGenerative: subject.model.isGenerative,
      hasDictionary: subject.dictionary != nil, likelihood: subject.measuredLikelihood,
      hasLabels: annotations.labels != nil, hasFactors: !annotations.factors.isEmpty)
  }
}

extension Annotations {
  /// What the images were made from: their factors, or where there are none their labels, as numbers.
  public var groundTruth: [(name: String, values: [Float])] {
    factors.isEmpty ? labels.map { [("label", $0.map(Float.init))] } ?? [] : factors
  }
}

/// A trained model and the images that it is measured on.
public protocol EvaluationSubject {
  var model: any ModelAccess { get }
  var images: ImageSet { get }
  /// What the encoder says about each of the images, and what else is known of them.
  var encodings: Encodings { get }

  /// What the model's likelihood measures on these images.
  var measuredLikelihood: MeasuredLikelihood { get }

  /// The likelihood of the images by latents drawn from their posteriors.
  ///
  /// - Parameters:
  ///   - samples: Latents of each image, at least 1.
  ///   - seed: Of the draws.
  func likelihood(samples: Int, seed: UInt64) -> Evaluation

  /// The same of each image; empty where that is not known.
  func likelihoods(samples: Int, seed: UInt64) -> [ExampleLikelihood]

  /// The images as the model sees them, in 0 … 1: `[count] + image`.
  var presented: [Float] { get }

  /// What the encoder says about the images that the model was trained on; nil where they are not known.
  var trainingEncodings: Encodings? { get }

  /// The images that the model was trained on; nil likewise.
  var trainingImages: ImageSet? { get }

  /// The model's dictionary, `[patterns, values of an image]`; nil where it has none.
  var dictionary: [Float]? { get }

  /// Classes that were left out of training.
  var leftOut: [Int] { get }

  /// log p(z) of a latent of each image; nil where the model has no prior with a density.
  ///
  /// - Parameter latents: `[images, width]`.
  func logPrior(_ latents: [Float]) -> [Double]?

  /// The densities of latents of some of the images, with a gradient; nil where the model has no prior with
  /// a density.
  ///
  /// - Parameters:
  ///   - images: Which of the images.
  ///   - pixels: Other pixels in their place, `[images.count] + image`, in 0 … 1; nil: their own.
  ///   - chains: Latents of each image.
  func joint(_ images: Range<Int>, pixels: [Float]?, chains: Int) -> (any JointDensity)?

  /// What was fitted to the training images under a name, kept with the model: fitted now where there is none yet.
  ///
  /// - Parameter name: What it is, with which settings: `classifier-64`.
  func kept(
    _ name: String, fit: () throws(EvaluationProblem) -> FittedArrays
  ) throws(EvaluationProblem) -> FittedArrays

  /// The threads to work with; nil: the caller's alone.
  var pool: ThreadPool? { get }
}

extension EvaluationSubject {
  public func logPrior(_ latents: [Float]) -> [Double]? { nil }
  public func joint(_ images: Range<Int>, pixels: [Float]?, chains: Int) -> (any JointDensity)? {
    nil
  }
  public func kept(
    _ name: String, fit: () throws(EvaluationProblem) -> FittedArrays
  ) throws(EvaluationProblem) -> FittedArrays { try fit() }
  public var pool: ThreadPool? { nil }
  public func likelihoods(samples: Int, seed: UInt64) -> [ExampleLikelihood] { [] }
  public var presented: [Float] { images.values }
  public var trainingEncodings: Encodings? { nil }
  public var trainingImages: ImageSet? { nil }
  public var dictionary: [Float]? { nil }
  public var leftOut: [Int] { [] }
}

/// log p(x|z)·t + log p(z) as a function of z, for some images with several latents each.
public protocol JointDensity {
  /// - Parameters:
  ///   - latents: `[images · chains, width]`, those of an image one after another.
  ///   - temperature: t, 0 for the prior and 1 for the posterior.
  func values(at latents: [Float], temperature: Double) -> JointValues
}

/// What a joint density is at some latents.
public struct JointValues: Sendable {
  /// Of each latent, in nats.
  public var logLikelihood: [Double]
  public var logPrior: [Double]
  /// Of log p(x|z)·t + log p(z) by z, `[latents, width]`.
  public var gradient: [Float]

  public init(logLikelihood: [Double], logPrior: [Double], gradient: [Float]) {
    self.logLikelihood = logLikelihood
    self.logPrior = logPrior
    self.gradient = gradient
  }
}

extension EvaluationSubject {
  /// For a subject that says nothing of it: a density.
  public var measuredLikelihood: MeasuredLikelihood { .unknown }
}

/// What a likelihood measures on some images.
public struct MeasuredLikelihood: Sendable, Hashable {
  public var id: String
  /// What it is wherever it is used.
  public var measure: Measure
  /// What it is on these images, such as a mere cross-entropy on grey pixels.
  public var onImages: Measure
  /// The numbers of an image, where bits per dimension can be given; else nil.
  public var dimensions: Int?

  public init(
    _ id: String, measure: Measure, onImages: Measure? = nil, dimensions: Int? = nil
  ) {
    self.id = id
    self.measure = measure
    self.onImages = onImages ?? measure
    self.dimensions = dimensions
  }

  /// For who says nothing of it.
  public static let unknown = MeasuredLikelihood("unknown", measure: .density)

  /// What must be said of numbers that are called log-likelihoods and are none; nil if they are.
  public var remark: String? {
    if measure == .loss {
      return "\(id) is a loss and no density: there is no ELBO and no log-likelihood"
    }
    guard onImages == .loss else { return nil }
    return
      "\(id) is a cross-entropy on these images and no probability: the ELBO and the NLL are "
      + "not bounds on log p(x)"
  }
}

/// What an evaluator found.
public struct Score: Sendable, Hashable {
  public struct Number: Sendable, Hashable {
    /// In snake_case.
    public var name: String
    public var value: Double
    /// How far other images of the same kind would lead; nil where that is not known.
    public var standardError: Double?
    /// `nats`; nil for a plain number.
    public var unit: String?

    public init(
      _ name: String, _ value: Double, standardError: Double? = nil, unit: String? = nil
    ) {
      self.name = name
      self.value = value
      self.standardError = standardError
      self.unit = unit
    }

    public init(_ name: String, _ estimate: Estimate, unit: String? = nil) {
      self.init(name, estimate.mean, standardError: estimate.standardError, unit: unit)
    }
  }

  /// The first is the one that the evaluator is named after.
  public var numbers: [Number]
  /// How they were measured, in a few words: what another program would have to do alike.
  public var method: String

  public init(_ numbers: [Number], method: String) {
    self.numbers = numbers
    self.method = method
  }
}

/// Why something cannot be measured: a sentence without its stop.
public struct EvaluationProblem: Error, Sendable, Hashable {
  public var message: String

  public init(_ message: String) { self.message = message }
}

extension Role where Value == any Evaluator {
  public static var evaluator: Self {
    Role(
      "evaluator", title: "evaluator", includes: { $0 is any Evaluator.Type },
      cast: { $0 as? any Evaluator })
  }
}
