import ExptComponents
import ExptTensor

/// Where images and samples are compared.
public enum FeatureSpace: String, NamedChoice {
  /// Places along the first principal axes of the images.
  case pca
  /// Pixels.
  case pixels
  /// The last hidden layer of a small classifier of the training images' labels.
  case classifier
}

/// Real images and as many that the model made, as points of a space.
struct SampleFeatures {
  /// `[count, width]`.
  let real: [Float]
  /// `[count, width]`.
  let made: [Float]
  let width: Int
  let count: Int
  /// The space in a few words.
  let name: String

  /// - Throws: `EvaluationProblem` where there are fewer than 10 images.
  init(
    _ subject: any EvaluationSubject, _ settings: SampleSettings
  ) throws(EvaluationProblem) {
    let images = subject.images
    count = min(settings.samples, images.count)
    guard count >= 10 else {
      throw EvaluationProblem(
        "samples are compared with at least 10 images, and there are \(count)")
    }
    let size = images.shape.count
    let pixels = images.prefix(count).values
    let annotations = images.annotations.selecting(Array(0..<count))
    let told = annotations.labels == nil && annotations.factors.isEmpty ? nil : annotations
    let latents = subject.model.drawPrior(count, seed: settings.seed, given: told)
    let samples = subject.model.decode(latents, given: told)
    guard samples.count == pixels.count, samples.allSatisfy(\.isFinite) else {
      throw EvaluationProblem("the model's samples are not finite numbers")
    }
    switch settings.features {
    case .pixels:
      (real, made, width, name) = (pixels, samples, size, "pixels")
    case .pca:
      let axes = PrincipalAxes(
        pixels, width: size, count: settings.components, pool: subject.pool)
      real = axes.project(pixels, pool: subject.pool)
      made = axes.project(samples, pool: subject.pool)
      width = axes.count
      name = "the first \(width) principal components of the images"
    case .classifier:
      let classifier = try ClassifierFeatures(subject, width: settings.components)
      (real, made) = (try classifier.of(pixels), try classifier.of(samples))
      width = classifier.width
      let loss = (classifier.crossEntropy * 1000).rounded() / 1000
      name = "\(width) features of a classifier of the labels (\(loss) nats on images held out)"
    }
  }

  func realRow(_ index: Int) -> ArraySlice<Float> { real[index * width..<(index + 1) * width] }
  func madeRow(_ index: Int) -> ArraySlice<Float> { made[index * width..<(index + 1) * width] }

  var method: String { "\(count) samples against \(count) images, in \(name)" }
}

/// The settings of evaluators of samples.
public struct SampleSettings: Settings {
  @Setting("How many samples and images to compare, at most.", .within(10...1_000_000))
  public var samples: Int = 10_000
  @Setting(
    "Where to compare them: pca (of the images), pixels, or the features of a small classifier of the labels."
  )
  public var features: FeatureSpace = .pca
  @Setting("Number of principal components, or of features.", .within(1...4096)) public
    var components: Int = 64
  @Setting("The seed of the samples.") public var seed: UInt64 = 0

  public init() {}
}
