import ExptComponents

/// The learning rate stays constant.
public struct ConstantLearningRate: LearningRateSchedule {
  public static let id = "constant"
  public static let summary = "The learning rate stays constant."
  public init() {}
  public func factor(_ progress: Progress) -> Double { 1 }
}
