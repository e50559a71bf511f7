import ExptTensor

/// What a parameter or state begins with, where that follows from images and from the other parameters'
/// first values, such as codes that are found by k-means.
///
/// Before the first step, one batch of training images is computed with all parameters as they were
/// drawn, and these take the values. A step of training does not compute them.
public struct FirstValue {
  /// The full name of the parameter or state: `codebook.vectors`.
  public var name: String
  /// Of its shape.
  public var value: Tensor

  public init(_ name: String, _ value: Tensor) {
    self.name = name
    self.value = value
  }
}
