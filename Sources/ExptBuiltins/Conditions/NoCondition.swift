import ExptComponents
import ExptTensor

/// The model sees the images alone.
public struct NoCondition: Condition {
  public static let id = "none"
  public static let summary = "No condition: only the images."

  public init() {}

  public var needsAnnotations: Bool { false }
  public func rows(of batch: Batch, in scope: Scope) -> Tensor? { nil }
}
