import ExptComponents

/// The learning rate stays as it is.
public struct ConstantLearningRate: LearningRateSchedule {
  public static let id = "constant"
  public static let summary = "The learning rate stays as it is."
  public init() {}
  public func factor(_ progress: Progress) -> Double { 1 }
}
