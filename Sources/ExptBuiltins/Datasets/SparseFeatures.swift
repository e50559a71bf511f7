public import ExptComponents
import ExptData
public import ExptTensor

/// Sums of a few known patterns: what a dictionary is to find again, and whether it did is known.
///
///     x = Σₖ sₖ·fₖ,   sₖ = 0 with probability 1 − p, else 1 + spread·N(0, 1)
///
/// The patterns fₖ are orthonormal, drawn from `seed` (normal vectors, made orthogonal to one another). An
/// example is a row of `dimensions` numbers; the evaluator `sparsity` compares a model's dictionary with them.
///
/// Source: Elhage et al., "Toy Models of Superposition", 2022; Sharkey, Braun & Millidge, "Taking features out
/// of superposition with sparse autoencoders", 2022.
public struct SparseFeatures: Dataset {
  public static let id = "sparse_features"
  public static let summary = "Sums of a few known patterns, for dictionaries; drawn from a seed."
  public static let exampleSettings = "{ train: 20, test: 5, dimensions: 8, features: 4 }"

  @Setting("Number of training examples, including validation.", .within(1...10_000_000))
  public var train: Int = 60_000
  @Setting("Number of test examples.", .within(0...10_000_000)) public var test: Int = 10_000
  @Setting("Numbers of an example.", .within(1...4096)) public var dimensions: Int = 32
  @Setting("Number of patterns, at most as many as dimensions.", .within(1...4096))
  public var features: Int = 16
  @Setting("How often a pattern is in an example.", .within(0...1)) public var probability: Float =
    0.25
  @Setting("Standard deviation of the size of a pattern, which is 1 on average.", .within(0...1))
  public var spread: Float = 0.05
  @Setting("Seed of the drawing.") public var seed: UInt64 = 0
  @Group public var split = SplitSettings()

  public init() {}

  private var counts: ImageCounts { ImageCounts(train: train, test: test) }

  public func check(_ report: SettingsReport) {
    split.check(counts, report)
    if features > dimensions {
      report.error(
        "\(features) patterns cannot be orthogonal in \(dimensions) dimensions", at: "features",
        help: "write at most \(dimensions)")
    }
  }

  public func counts(_ environment: DataEnvironment) -> ImageCounts? { counts }

  public func annotationFacts(_ environment: DataEnvironment) -> AnnotationFacts {
    AnnotationFacts()
  }

  public func imageShape(_ environment: DataEnvironment) -> Shape { [1, 1, dimensions] }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    let shape = imageShape(environment)
    try checkMemory(forImages: train, of: shape)
    let patterns = patterns
    return LoadedData(
      train: examples(train, of: patterns, part: "train"),
      test: examples(test, of: patterns, part: "test"))
  }

  /// Gram and Schmidt's orthonormal vectors of normal ones, `[features, dimensions]`.
  private var patterns: [Float] {
    let (dimensions, features) = (dimensions, features)
    var all = normal(features * dimensions, "patterns").map(Double.init)
    for row in 0..<features {
      let own = row * dimensions
      // Twice is enough for what rounding leaves.
      for _ in 0..<2 {
        for other in 0..<row {
          let overlap = (0..<dimensions).reduce(0.0) {
            $0 + all[own + $1] * all[other * dimensions + $1]
          }
          for place in 0..<dimensions {
            all[own + place] -= overlap * all[other * dimensions + place]
          }
        }
      }
      let length = (0..<dimensions).reduce(0.0) { $0 + all[own + $1] * all[own + $1] }.squareRoot()
      for place in 0..<dimensions { all[own + place] /= max(length, 1e-30) }
    }
    return all.map(Float.init)
  }

  private func examples(_ count: Int, of patterns: [Float], part: String) -> ImageSet {
    // A setting is looked up whenever it is read.
    let (dimensions, features, probability) = (dimensions, features, probability)
    let spread = spread
    var isOn = [Float](repeating: 0, count: count * features)
    isOn.withUnsafeMutableBufferPointer {
      Random.fillUniform($0, seed: seed, stream: Random.stream("on/" + part), position: 0)
    }
    let sizes = normal(count * features, "sizes/" + part)
    var values = [Float](repeating: 0, count: count * dimensions)
    for example in 0..<count {
      for feature in 0..<features where isOn[example * features + feature] < probability {
        let size = 1 + spread * sizes[example * features + feature]
        for place in 0..<dimensions {
          values[example * dimensions + place] += size * patterns[feature * dimensions + place]
        }
      }
    }
    var set = ImageSet(shape: [1, 1, dimensions], count: count, pixels: .floats(values))
    (set.isTable, set.patterns) = (true, patterns)
    return set
  }

  private func normal(_ count: Int, _ stream: String) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    values.withUnsafeMutableBufferPointer {
      Random.fillNormal($0, seed: seed, stream: Random.stream(stream), position: 0)
    }
    return values
  }
}
