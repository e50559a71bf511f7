import ExptTensor

/// A model that is fitted to all training images at once, by a formula or an iteration of its own, in place of
/// steps along a gradient.
///
/// What is fitted is state: `scope.state`. Training calls `fit` once, before the first step, and then goes
/// through its epochs as with any model; with no parameters to train, they only measure.
public protocol FittedModel: Model {
  /// The state that suits the images best, by its names, all of it.
  ///
  /// - Returns: The same numbers on any number of threads.
  /// - Throws: `FittingProblem` where there is none.
  func fit(_ images: FittingImages, pool: ThreadPool?) throws(FittingProblem) -> FittedArrays
}

/// Images to fit a model to, as the model sees them.
public struct FittingImages: Sendable {
  public let count: Int
  /// `[channels, height, width]`.
  public let shape: Shape
  /// `[count] + shape`.
  public let values: [Float]

  public init(shape: Shape, values: [Float]) {
    precondition(values.count.isMultiple(of: shape.count), "\(values.count) values of \(shape)")
    (count, self.shape, self.values) = (values.count / shape.count, shape, values)
  }

  /// Numbers of an image.
  public var width: Int { shape.count }
}

/// Why a model cannot be fitted: a sentence without a full stop.
public struct FittingProblem: Error, Sendable, Hashable {
  public var message: String

  public init(_ message: String) { self.message = message }
}
