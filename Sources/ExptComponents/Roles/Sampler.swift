import ExptTensor

/// Fits a distribution to the latents of a trained model, and draws new latents from it: how a model
/// without a prior makes images, or one with a prior whose latents lie elsewhere.
///
///     expt fit RUN --sampler '{ type: gmm, components: 20 }'
///     expt sample RUN --sampler gmm
///
/// A sampler is its settings and remembers nothing: what it learns is what `fit` returns, which a file
/// keeps for `draw`.
///
/// Source: Ghosh et al., "From Variational to Deterministic Autoencoders", ICLR 2020, section 4.
public protocol Sampler: Component {
  /// How many draws from its posterior it would like of each image; the default is 1. An autoencoder's
  /// code is one draw.
  var draws: Int { get }

  /// All that `draw` needs of these latents.
  ///
  /// - Throws: `SamplerProblem` where they are too few, or of a kind that it cannot describe.
  func fit(_ latents: FittingData) throws(SamplerProblem) -> FittedArrays

  /// Latents drawn from what was fitted, `[count, width]`: the same for the same seed, and the first of
  /// many are those of few.
  ///
  /// - Parameters:
  ///   - fitted: From a file that anybody may have changed: see `FittedArrays.values`.
  ///   - width: Numbers of a latent.
  /// - Throws: `SamplerProblem` where `fitted` is not what `fit` returns for such latents.
  func draw(
    _ count: Int, from fitted: FittedArrays, width: Int, seed: UInt64
  ) throws(SamplerProblem) -> [Float]

  /// What was fitted with its standard deviations times a factor, to draw at a temperature; nil for a
  /// sampler that has none, which is the default: see `Distribution.tempered`.
  func tempered(_ fitted: FittedArrays, by temperature: Float) -> FittedArrays?
}

extension Sampler {
  public var draws: Int { 1 }
  public func tempered(_ fitted: FittedArrays, by temperature: Float) -> FittedArrays? { nil }
}

/// Latents to fit a sampler to: one or more of each image.
public struct FittingData: Sendable {
  /// Images.
  public let count: Int
  public let space: LatentSpace
  /// Draws from the posteriors of all images, at least one: `[count, space.width]` each, all finite.
  public let draws: [[Float]]
  /// The threads to fit with.
  public let pool: ThreadPool

  /// The first draw of each image: `[count, space.width]`.
  public var values: [Float] { draws[0] }

  /// - Throws: `SamplerProblem` where there is no latent, or a number that is not finite.
  public init(
    _ values: [Float], space: LatentSpace, pool: ThreadPool = ThreadPool(threads: 1)
  ) throws(SamplerProblem) {
    try self.init(draws: [values], space: space, pool: pool)
  }

  /// - Throws: `SamplerProblem` where there is no latent, or a number that is not finite.
  public init(
    draws: [[Float]], space: LatentSpace, pool: ThreadPool = ThreadPool(threads: 1)
  ) throws(SamplerProblem) {
    let width = space.width
    let numbers = draws.first?.count ?? 0
    guard width > 0, numbers > 0, numbers.isMultiple(of: width),
      draws.allSatisfy({ $0.count == numbers })
    else { throw SamplerProblem("there are no latents to fit to") }
    for values in draws {
      guard let place = values.firstIndex(where: { !$0.isFinite }) else { continue }
      throw SamplerProblem(
        "latent \(place % width) of image \(place / width) is \(values[place]): the model has diverged"
      )
    }
    (count, self.space, self.draws, self.pool) = (numbers / width, space, draws, pool)
  }

  public var width: Int { space.width }

  /// The choices of each image by their number, `[count, grid.count]`, where the latents are choices: see
  /// `LatentSpace.choices`.
  public var choices: [Int32]? { space.choices(of: values) }

  /// Checks what a distribution over real numbers needs.
  ///
  /// - Throws: `SamplerProblem` for choices and points of a sphere, and for fewer images than that.
  public func checkNumbers(atLeast images: Int, for purpose: String) throws(SamplerProblem) {
    guard space.isEuclidean else {
      throw SamplerProblem("\(purpose) needs latents that are real numbers, and these are \(space)")
    }
    guard count >= images else {
      throw SamplerProblem(
        "\(purpose) needs at least \(images) images to be fitted to, and there are \(count)")
    }
  }
}

/// Named arrays that a sampler has learned.
public struct FittedArrays: Sendable, Hashable {
  public struct Array: Sendable, Hashable {
    public var name: String
    public var shape: [Int]
    /// Row by row.
    public var values: [Float]

    public init(_ name: String, _ shape: [Int], _ values: [Float]) {
      precondition(
        shape.reduce(1, *) == values.count, "'\(name)' has \(values.count) values, not \(shape)")
      (self.name, self.shape, self.values) = (name, shape, values)
    }
  }

  /// A number that says how well the fit went.
  public struct Measure: Sendable, Hashable {
    /// What it is: `negative log-likelihood of held-out latents`.
    public var name: String
    public var value: Double
    /// `nats a latent`.
    public var unit: String

    public init(_ name: String, _ value: Double, _ unit: String) {
      (self.name, self.value, self.unit) = (name, value, unit)
    }
  }

  public var arrays: [Array]
  /// What the fit reached, to be told to whoever asked for it; empty where the sampler does not say.
  public var reached: [Measure]

  public init(_ arrays: [Array], reached: [Measure] = []) {
    (self.arrays, self.reached) = (arrays, reached)
  }

  /// With the values of an array times a factor.
  public func scaling(_ name: String, by factor: Float) -> FittedArrays {
    var scaled = self
    for place in arrays.indices where arrays[place].name == name {
      scaled.arrays[place].values = arrays[place].values.map { $0 * factor }
    }
    return scaled
  }

  /// The values of an array.
  ///
  /// - Throws: `SamplerProblem` where there is none of this name and shape, or one that is not finite.
  public func values(_ name: String, _ shape: [Int]) throws(SamplerProblem) -> [Float] {
    guard let array = arrays.first(where: { $0.name == name }) else {
      throw SamplerProblem("what was fitted has no '\(name)'")
    }
    guard array.shape == shape else {
      throw SamplerProblem("the fitted '\(name)' has shape \(array.shape), and \(shape) is needed")
    }
    guard array.values.allSatisfy(\.isFinite) else {
      throw SamplerProblem("the fitted '\(name)' holds numbers that are not finite")
    }
    return array.values
  }
}

/// Why a sampler cannot be fitted, or drawn from: a sentence without a full stop.
public struct SamplerProblem: Error, Sendable, Hashable {
  public var message: String

  public init(_ message: String) { self.message = message }
}

extension Role where Value == any Sampler {
  public static var sampler: Self {
    Role(
      "sampler", title: "sampler", includes: { $0 is any Sampler.Type },
      cast: { $0 as? any Sampler })
  }
}
