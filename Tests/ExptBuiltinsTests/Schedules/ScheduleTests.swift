import ExptComponents
import ExptTesting
import Testing

@Suite("Schedules")
struct ScheduleTests {
  private func at(_ step: Int) -> Progress { Progress(step: step, stepsPerEpoch: 10, epochs: 8) }

  private func betas(_ settings: String, _ steps: [Int]) throws -> [Double] {
    let schedule = try builtins.make(.schedule, settings)
    return steps.map { schedule.value(at($0)) }
  }

  @Test func `a bare number is constant`() throws {
    #expect(try betas("4", [0, 79]) == [4, 4])
    #expect(try betas("constant", [0, 79]) == [1, 1])
    #expect(try !(builtins.make(.schedule, "4") is any CapacitySchedule))
  }

  @Test func `linear rises step by step, then stays`() throws {
    let settings = "{type: linear, from: 1, to: 3, epochs: 4}"
    #expect(try betas(settings, [0, 1, 10, 20, 39, 40, 79]) == [1, 1.05, 1.5, 2, 2.95, 3, 3])
    #expect(try betas("{type: linear, from: 2, to: 0, epochs: 0.5}", [0, 1, 5]) == [2, 1.6, 0])
  }

  /// Two cycles of 40 steps; β rises over the first half of each.
  @Test func `cyclical starts again`() throws {
    let settings = "{type: cyclical, cycles: 2, ratio: 0.5, from: 0, to: 2}"
    let seen = try betas(settings, [0, 5, 10, 20, 39, 40, 50, 60, 79, 80])
    #expect(seen == [0, 0.5, 1, 2, 2, 0, 1, 2, 2, 2])
  }

  @Test func `capacity holds β and raises the target`() throws {
    let schedule = try builtins.make(
      .schedule, "{type: capacity, gamma: 30, from: 5, to: 25, epochs: 4}")
    #expect([0, 10, 40, 79].map { schedule.value(at($0)) } == [30, 30, 30, 30])
    let capacity = (schedule as? any CapacitySchedule)?.capacity
    #expect([0, 10, 20, 40, 79].map { capacity?.value(at($0)) } == [5, 10, 15, 25, 25])
  }

  @Test func `each says where it leads, and when it is there`() throws {
    func target(_ settings: String) throws -> ScheduleTarget {
      try builtins.make(.schedule, settings).target
    }
    #expect(try target("4") == ScheduleTarget(4, after: 0))
    #expect(
      try target("{type: linear, from: 0, to: 3, epochs: 2.5}") == ScheduleTarget(3, after: 2.5))
    #expect(try target("{type: linear, from: 4, to: 1}") == ScheduleTarget(1, after: 10))
    #expect(try target("{type: cyclical, to: 2}") == ScheduleTarget(2, after: nil))
    let capacity = try builtins.make(
      .schedule, "{type: capacity, gamma: 30, to: 25, epochs: 4}")
    #expect(capacity.target == ScheduleTarget(30, after: 0))
    #expect((capacity as? any CapacitySchedule)?.capacity.target == ScheduleTarget(25, after: 4))
    // One that leads where it begins does not move.
    for settings in ["linear, from: 2, to: 2", "cyclical, from: 1"] {
      #expect(try !target("{type: \(settings)}").isMoving)
    }
  }

  @Test func `cyclical warns of cycles that end inside an epoch`() throws {
    let schedule = try builtins.make(.schedule, "{type: cyclical, cycles: 4}")
    #expect(schedule.concern(epochs: 8) == nil)
    #expect(schedule.concern(epochs: 10)?.help.contains("8 or 12 epochs") == true)
    #expect(schedule.concern(epochs: 3)?.help == "set at most 3 cycles")
    let many = try builtins.make(.schedule, "{type: cyclical, cycles: \(Int.max)}")
    #expect(many.concern(epochs: 1_000_000)?.help == "set at most 1000000 cycles")
  }
}
