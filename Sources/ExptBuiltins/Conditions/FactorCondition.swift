import ExptComponents
import ExptTensor

/// Ground-truth factors, or other columns beside the images, as they are.
public struct FactorCondition: Condition {
  public static let id = "factors"
  public static let summary = "Named ground-truth factors of each image."

  public static let exampleSettings = "{ names: [size] }"

  @Setting("Names of the factors, as the dataset calls them.") public var names: [String] = []

  public init() {}

  public func check(_ report: SettingsReport) {
    if names.isEmpty { report.error("name at least one factor", at: "names") }
  }

  public var needsAnnotations: Bool { true }

  public func rows(of batch: Batch, in scope: Scope) throws(BuildProblem) -> Tensor? {
    var columns: [Tensor] = []
    for name in names {
      guard let factor = batch.factor(name) else {
        let known = scope.data.factors
        throw BuildProblem(
          "the data have no factor '\(name)'",
          help: known.isEmpty
            ? "they have none" : "available: \(known.joined(separator: ", "))",
          at: ["names"])
      }
      columns.append(factor.reshaped([batch.count, 1]))
    }
    guard let first = columns.first else { return nil }
    return columns.dropFirst().reduce(first) { concatenate($0, $1) }
  }
}
