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
}

/// Latents to fit a sampler to, one of each image.
public struct FittingData: Sendable {
  public let count: Int
  public let space: LatentSpace
  /// `[count, space.width]`, all finite.
  public let values: [Float]

  /// - Throws: `SamplerProblem` where there is no latent, or a number that is not finite.
  public init(_ values: [Float], space: LatentSpace) throws(SamplerProblem) {
    let width = space.width
    guard width > 0, !values.isEmpty, values.count.isMultiple(of: width) else {
      throw SamplerProblem("there are no latents to fit to")
    }
    if let place = values.firstIndex(where: { !$0.isFinite }) {
      throw SamplerProblem(
        "latent \(place % width) of image \(place / width) is \(values[place]): the model has diverged"
      )
    }
    (count, self.space, self.values) = (values.count / width, space, values)
  }

  public var width: Int { space.width }

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

  public var arrays: [Array]

  public init(_ arrays: [Array]) { self.arrays = arrays }

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
