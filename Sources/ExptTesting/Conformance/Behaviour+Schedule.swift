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

  mutating func examine(_ schedule: any BetaSchedule) {
    let betas = Self.places.map { schedule.beta($0) }
    let targets = Self.places.map { schedule.klTarget($0) }
    record(betas)
    record(targets.map { $0 ?? -1 })
    expect(betas.allSatisfy { $0.isFinite && $0 >= 0 }, "a β is negative or not finite")
    expect(
      targets.allSatisfy { ($0 == nil) == (targets[0] == nil) },
      "it has a KL target at some steps only")
    let backwards = Array(Self.places.reversed().map { schedule.beta($0) }.reversed())
    expect(backwards == betas, "its βs depend on what was asked before")
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
