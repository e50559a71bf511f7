import ExptComponents
import ExptTensor

/// The class of each image, as a row of as many numbers as there are classes, one of them 1.
public struct LabelCondition: Condition {
  public static let id = "labels"
  public static let summary = "The class of each image."

  public init() {}

  public var needsAnnotations: Bool { true }

  public func rows(of batch: Batch, in scope: Scope) throws(BuildProblem) -> Tensor? {
    guard let classes = scope.data.classes, let labels = batch.labels else {
      throw BuildProblem(
        "the model is conditioned on labels, and the data have none that number classes",
        help: "use a dataset whose labels are whole numbers from 0 to 65535, or condition: none")
    }
    return labels.oneHot(classes)
  }
}
