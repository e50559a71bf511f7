import ExptTensor

/// What a model is given for each example besides its pixels, such as its class: encoder, decoder and
/// prior all get it.
///
/// Source: Sohn, Lee & Yan, "Learning Structured Output Representation using Deep Conditional
/// Generative Models", NIPS 2015.
public protocol Condition: Component {
  /// The condition of each example as a row of numbers, `[batch, n]`; nil if there is none.
  ///
  /// - Throws: `BuildProblem` if the data do not tell what it needs.
  func rows(of batch: Batch, in scope: Scope) throws(BuildProblem) -> Tensor?

  /// Whether it needs labels or factors, so that the data are checked for them before the model is built.
  var needsAnnotations: Bool { get }
}

extension Role where Value == any Condition {
  public static var condition: Self {
    Role(
      "condition", title: "condition", includes: { $0 is any Condition.Type },
      cast: { $0 as? any Condition })
  }
}
