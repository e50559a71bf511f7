import ExptComponents

/// β stays as it is. In an experiment file a bare number means this.
public struct ConstantSchedule: Schedule {
  public static let id = "constant"
  public static let summary = "β stays constant; a bare number means the same."
  @Setting("β.", .within(0...1e6)) public var value: Double = 1
  public init() {}
  public init(_ value: Double) { self.value = value }
  public func value(_ progress: Progress) -> Double { value }
  public var target: ScheduleTarget { ScheduleTarget(value, after: 0) }
}
