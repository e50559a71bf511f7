import ExptComponents
import ExptData
import ExptTensor

/// The last hidden layer of a small classifier of the data's own labels: a space in which images of a class lie
/// together.
///
/// A network of 256 and `width` units (relu) learns the labels of at most 10,000 of the training images by Adam
/// with rate 1e-3, up to ten epochs, of which the one with the least cross-entropy on a tenth that is held out
/// is kept. The seed is fixed: the same images have the same features on every machine, for every model. It is
/// fitted once for a run, in seconds.
struct ClassifierFeatures {
  let width: Int
  /// Nats, on the images held out.
  let crossEntropy: Double
  private let fitted: FittedArrays
  private let size: Int

  private static let most = 10_000

  /// - Throws: `EvaluationProblem` without training images and their labels, and where it diverges.
  init(_ subject: any EvaluationSubject, width: Int) throws(EvaluationProblem) {
    guard let images = subject.trainingImages else {
      throw EvaluationProblem("'features: classifier' needs the training images")
    }
    let kept = try subject.kept("classifier-\(width)") { () throws(EvaluationProblem) in
      try Self.fit(images, width: width, pool: subject.pool)
    }
    self.init(kept, width: width, size: images.shape.count)
  }

  /// - Parameter size: The values of an image.
  init(_ fitted: FittedArrays, width: Int, size: Int) {
    (self.width, self.size, self.fitted) = (width, size, fitted)
    crossEntropy = fitted.reached.first?.value ?? .nan
  }

  /// - Parameter images: With labels.
  static func fit(
    _ images: ImageSet, width: Int, pool: ThreadPool?
  ) throws(EvaluationProblem) -> FittedArrays {
    let count = min(images.count, most)
    // Spread over all images, which may be sorted by class.
    let images = images.selecting((0..<count).map { $0 * images.count / count }[...])
    guard let labels = images.labels, let greatest = labels.max(), let least = labels.min(),
      least >= 0, greatest > least, greatest < 4096
    else {
      throw EvaluationProblem(
        "'features: classifier' needs training images with labels that tell them apart")
    }
    let (size, classes) = (images.shape.count, Int(greatest) + 1)
    let values = images.values
    var rows: [Float] = []
    rows.reserveCapacity(images.count * (size + classes))
    for image in 0..<images.count {
      rows += values[image * size..<(image + 1) * size]
      rows += (0..<classes).map { Int(labels[image]) == $0 ? 1 : 0 }
    }
    var settings = FitSettings()
    (settings.epochs, settings.batchSize, settings.patience) = (10, 128, 2)
    let result: GradientFit.Result
    do throws(SamplerProblem) {
      result = try GradientFit(
        settings: settings, rows: FitRows(draws: [rows], width: size + classes),
        pool: pool ?? ThreadPool(threads: 1)
      ) { rows, scope throws(BuildProblem) in
        let hidden = try Self.hidden(rows.columns(0..<size), width: width, in: scope)
        let logits = try linear(hidden, to: classes, in: scope.child("classes"))
        let own = (logits * rows.columns(size..<size + classes)).sumPerExample()
        return logits.logSumExpPerExample() - own
      }()
    } catch {
      throw EvaluationProblem("the classifier whose features are asked for: \(error.message)")
    }
    return FittedArrays(
      result.arrays.filter { !$0.name.hasPrefix("classes") },
      reached: [.init("cross-entropy on images held out", result.loss, "nats")])
  }

  /// `[count, width]` of `[count, values of an image]`.
  func of(_ images: [Float]) throws(EvaluationProblem) -> [Float] {
    let count = images.count / size
    guard count > 0 else { return [] }
    do throws(SamplerProblem) {
      let run = RunContext(pool: ThreadPool(threads: 1), seed: 0)
      func record(_ rows: Tensor, _ scope: Scope) throws(BuildProblem) -> Tensor {
        try Self.hidden(rows, width: width, in: scope)
      }
      let rows = min(count, 256)
      let whole = try FittedNetwork(rows: rows, width: size, mode: .evaluation, run, record)
      try whole.load(fitted)
      var features: [Float] = []
      for first in stride(from: 0, to: count, by: rows) {
        let network =
          first + rows <= count ? whole : whole.evaluating(rows: count - first, record)
        network.fill(images, Array(first..<first + network.rows)[...])
        network.plan.forward()
        features += network.plan.value(of: network.result)
      }
      return features
    } catch { throw EvaluationProblem(error.message) }
  }

  private static func hidden(
    _ rows: Tensor, width: Int, in scope: Scope
  ) throws(BuildProblem) -> Tensor {
    let first = try linear(rows, to: 256, activation: .relu, in: scope.child("0"))
    return try linear(first, to: width, activation: .relu, in: scope.child("1"))
  }
}
