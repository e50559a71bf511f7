public import ExptComponents
public import ExptTensor

/// A model with weights and some images, as evaluators measure it.
public final class TrainedSubject: EvaluationSubject {
  public let split: Split
  private let measured: MeasuredNetwork
  private let whole: ImageSet
  private let range: Range<Int>
  private let training: (images: ImageSet, range: Range<Int>)
  private let keeping: KeptFits?
  private let report: (_ done: Int) -> Void

  /// - Parameters:
  ///   - images: What an image looks like to a model may depend on its number among these.
  ///   - range: The images that are meant.
  ///   - training: Those that the model was trained on.
  ///   - keeping: Where what is fitted to those is kept; nil: nowhere.
  ///   - report: Told after every few images how many are done, where that takes time.
  init(
    _ measured: MeasuredNetwork, _ images: ImageSet, _ range: Range<Int>, split: Split,
    training: (images: ImageSet, range: Range<Int>), keeping: KeptFits? = nil,
    report: @escaping (_ done: Int) -> Void = { _ in }
  ) {
    self.measured = measured
    whole = images
    self.range = range
    self.split = split
    self.training = training
    self.keeping = keeping
    self.report = report
  }

  /// A run and a part of its data.
  public convenience init(
    _ run: TrainedRun, _ part: TrainedData.Part, report: @escaping (_ done: Int) -> Void = { _ in }
  ) {
    self.init(
      run.measured, part.images, part.range, split: part.split, training: part.training,
      keeping: KeptFits(folder: run.folder, fingerprint: run.manifest.dataset.fingerprint),
      report: report)
  }

  public var model: any ModelAccess { measured.access }
  public private(set) lazy var images = whole.slice(range)
  public private(set) lazy var encodings = measured.access.encode(whole, range)

  public var presented: [Float] { measured.access.presented(whole, range) }
  public private(set) lazy var trainingImages: ImageSet? = training.images.slice(training.range)
  public var dictionary: [Float]? {
    let network = measured.network
    return network.model.dictionary.flatMap { network.store[$0.parameter] }.map { Array($0.values) }
  }
  /// May be given, where another subject of the same run has made them.
  public lazy var trainingEncodings: Encodings? = measured.access.encode(
    training.images, training.range)
  public var leftOut: [Int] {
    measured.access.presentation.leaveOut.compactMap(whole.label)
  }

  public var pool: ThreadPool? { measured.network.run.pool }

  public func kept(
    _ name: String, fit: () throws(EvaluationProblem) -> FittedArrays
  ) throws(EvaluationProblem) -> FittedArrays {
    guard let keeping else { return try fit() }
    return try keeping.kept(name, fit: fit)
  }

  public func logPrior(_ latents: [Float]) -> [Double]? {
    measured.access.logPrior(latents, whole, range)
  }

  public func joint(_ images: Range<Int>, pixels: [Float]?, chains: Int) -> (any JointDensity)? {
    measured.access.joint(
      whole, range.lowerBound + images.lowerBound..<range.lowerBound + images.upperBound,
      pixels: pixels, chains: chains)
  }
  public var measuredLikelihood: MeasuredLikelihood { measured.likelihood(on: whole, range) }

  public func likelihood(samples: Int, seed: UInt64) -> Evaluation {
    measured.evaluate(whole, range, samples: samples, seed: seed, report: report)
  }

  public func likelihoods(samples: Int, seed: UInt64) -> [ExampleLikelihood] {
    measured.likelihoods(whole, range, samples: samples, seed: seed, report: report)
  }
}
