import ExptComponents
import ExptData
import ExptFiles
import ExptInference
import ExptRunFolder
import ExptTensor
import ExptTraining

/// A run's model with weights, kept for the next request, and what was computed with it.
///
/// Used by one thread at a time: see `ModelDesk`.
final class OpenModel {
  /// Images whose latents are shown: the first held-out ones, as `expt traverse` ranks dimensions by.
  static let mostExamples = 1000
  /// Training images among which an image's neighbours are looked for: the first ones.
  static let mostNeighbours = 5000

  let id: String
  /// The checkpoint as it was asked for; empty: the default.
  let name: String
  let run: TrainedRun
  private let stamp: FileStamp?
  private let environment: DataEnvironment
  let catalog: Catalog

  init(
    _ entry: RunLibrary.Entry, _ name: String, threads: Int, catalog: Catalog,
    environment: DataEnvironment
  ) throws {
    var checkpoint: CheckpointStore.Name?
    if !name.isEmpty {
      guard let known = CheckpointStore.Name(name) else {
        throw Refusal.bad("there is no checkpoint '\(name)'")
      }
      checkpoint = known
    }
    id = entry.id
    self.name = name
    self.environment = environment
    self.catalog = catalog
    run = try TrainedRun.open(
      entry.record.folder.path, checkpoint: checkpoint, threads: threads, catalog: catalog)
    stamp = Self.stamp(run)
  }

  private static func stamp(_ run: TrainedRun) -> FileStamp? {
    FileStamp(run.folder.checkpoints.file(run.checkpoint, run.weights))
  }

  /// Whether the weights are still those of the file.
  var isCurrent: Bool { Self.stamp(run) == stamp }

  var access: NetworkAccess { run.access }
  var space: LatentSpace { access.space }

  // MARK: Images of the run's data

  struct Examples {
    var part: TrainedData.Part
    var encodings: Encodings
    var data: TrainedData
    /// What must not be missed about the data.
    var warnings: [String]
  }

  private var loaded: Result<Examples, Refusal>?

  /// Held-out images with their encodings; loads the run's data when first asked.
  func examples() throws(Refusal) -> Examples {
    if let loaded { return try loaded.get() }
    let result: Result<Examples, Refusal>
    do {
      var warnings: [String] = []
      let data = try run.data(environment) { warnings.append($0) }
      let part = try data.part(nil, limit: Self.mostExamples)
      result = .success(
        Examples(part: part, encodings: run.encode(part), data: data, warnings: warnings))
    } catch {
      result = .failure(Refusal(error))
    }
    loaded = result
    return try result.get()
  }

  /// How informative each unit of the latents is; without data, only which there are.
  lazy var dimensions: [LatentDimension] = {
    if let examples = try? examples() { return examples.encodings.dimensions }
    return space.units.enumerated().map { number, unit in
      LatentDimension(
        number: number, unit: unit, kl: nil, mean: 0, variance: 1,
        hasStandardPrior: run.network.latents.hasStandardPrior)
    }
  }()

  /// The place to start from: the mean of the latents, or 0.
  lazy var centre: [Float] = {
    if let examples = try? examples() { return examples.encodings.centre }
    return space.points(nearest: [Float](repeating: 0, count: space.width))
  }()

  private(set) lazy var planes = PlaneMaker(self)
  private(set) lazy var density = try? LatentDensity(examples().encodings)

  /// An image of the training data, and the latents of the first of them.
  private(set) lazy var training: (images: ImageSet, encodings: Encodings)? = {
    guard let part = try? examples().part else { return nil }
    let range = part.training.range.prefix(Self.mostNeighbours)
    let images = part.training.images.slice(range)
    return (images, access.encode(part.training.images, range))
  }()

  /// The held-out images, as `expt score` measures them.
  private(set) lazy var heldOut = (try? examples().part).map { TrainedSubject(run, $0) }
  /// By the name of a score, what the held-out images have, sorted.
  var usualScores: [String: [Double]] = [:]

  // MARK: Pictures

  /// Checks that numbers are latents: whole rows, at most `most`.
  func latents(_ values: [Float], most: Int) throws(Refusal) -> [Float] {
    let width = max(1, space.width)
    guard !values.isEmpty, values.count % width == 0, values.count / width <= most else {
      throw .bad("a latent has \(width) numbers, and 1 to \(most) latents are decoded at once")
    }
    return space.points(nearest: values)
  }

  /// What the decoder is told of as many images: a class and factors that are given, else class 0.
  func told(_ parameters: Parameters, count: Int) throws(Refusal) -> Annotations {
    let told = access.told
    var annotations = Annotations()
    if let classes = told.classes {
      let label = try parameters.whole("label", in: 0...max(0, classes - 1), default: 0)
      annotations.labels = Array(repeating: Int32(label), count: count)
    }
    for factor in told.factors {
      let value = try parameters.number("factor_\(factor)", in: -1e9...1e9, default: 0)
      annotations.factors.append((factor, Array(repeating: Float(value), count: count)))
    }
    return annotations
  }

  func picture(_ latents: [Float], told: Annotations, columns: Int) -> Image8 {
    Pictures.grid(
      access.decode(latents, given: told), shape: access.image, columns: columns)
  }
}

/// Σ (a − b)², in Double.
func squaredError(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
  zip(a, b).reduce(0) { sum, pair in
    let difference = Double(pair.0) - Double(pair.1)
    return sum + difference * difference
  }
}

extension [Float] {
  /// Parts of this many numbers.
  func chunked(_ size: Int) -> [ArraySlice<Float>] {
    guard size > 0 else { return [] }
    return stride(from: 0, to: count - size + 1, by: size).map { self[$0..<$0 + size] }
  }
}
