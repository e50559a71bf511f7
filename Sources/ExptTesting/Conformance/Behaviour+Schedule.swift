import ExptComponents

extension Behaviour {
  mutating func examine(_ schedule: any LearningRateSchedule) {
    let factors = Self.places.map { schedule.factor($0) }
    record(factors)
    expect(
      factors.allSatisfy { $0.isFinite && $0 >= 0 }, "a factor is negative or not finite")
    expect(factors[0] > 0, "it begins with a learning rate of 0")
    let backwards = Array(Self.places.reversed().map { schedule.factor($0) }.reversed())
    expect(backwards == factors, "its factors depend on what was asked before")
  }

  mutating func examine(_ schedule: any Schedule) {
    expectRepeatable(schedule)
    if let capacity = (schedule as? any CapacitySchedule)?.capacity { expectRepeatable(capacity) }
  }

  private mutating func expectRepeatable(_ schedule: any Schedule) {
    let values = Self.places.map { schedule.value($0) }
    record(values)
    expect(values.allSatisfy(\.isFinite), "a value is not finite")
    let backwards = Array(Self.places.reversed().map { schedule.value($0) }.reversed())
    expect(backwards == values, "its values depend on what was asked before")
    let target = schedule.target
    guard let epochs = target.epochs, epochs < 99 else { return }
    expect(
      Self.places.filter { $0.epoch >= epochs }.allSatisfy { target.isNear(schedule.value($0)) },
      "it does not stay at its target after \(epochs) epochs")
  }

  /// A hundred epochs of three steps, with losses that fall, stand still and fall again.
  private static let places: [Progress] = {
    let losses = (0..<100).map { epoch in
      let stillEpoch = (40..<70).contains(epoch) ? 39 : epoch
      return 100 / Double(stillEpoch + 1)
    }
    return (0..<300).map { step in
      Progress(
        step: step, stepsPerEpoch: 3, epochs: 100, losses: Array(losses.prefix(step / 3)))
    }
  }()
}
