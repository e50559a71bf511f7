import ExptComponents

extension Behaviour {
  /// A search is tried on trials whose value the program makes up, some of them failed: those that it
  /// proposes, or nine that are given.
  mutating func examine(_ search: any Search) {
    if let draws = search.draws { examine(search, draws) }
    let trials = search.draws == nil ? 9 : 3
    let steps = steps(of: search, trials)
    record(steps.flatMap { [Double($0.index), Double($0.until)] })
    expect(
      self.steps(of: search, trials).map(\.until) == steps.map(\.until),
      "it trains the same trials in another order when asked again")
  }

  private mutating func examine(_ search: any Search, _ draws: Draws) {
    // A sweep draws with these itself where a search proposes what was tried.
    record([Double(draws.count), Double(draws.seed)])
    var results: [TrialResult] = []
    for number in 0..<20 {
      let settings = search.propose(number, after: results)
      expect(
        settings.map(\.key) == draws.settings.map(\.key),
        "trial \(number) has other settings than those to choose")
      let again = search.propose(number, after: results)
      expect(
        again.map(\.meaning) == settings.map(\.meaning),
        "it proposes something else after the same results")
      settings.forEach { record($0.text) }
      let isFailure = number % 5 == 3
      results.append(
        TrialResult(
          settings: settings, value: isFailure ? .infinity : Double(number * 7 % 11)))
    }
  }

  /// What is trained until nothing is left to do, a trial at a time.
  private mutating func steps(of search: any Search, _ count: Int) -> [(index: Int, until: Int)] {
    let epochs = 27
    var trials = (0..<count).map { _ in Trial(epochs: epochs, done: 0, stage: .waiting) }
    var steps: [(index: Int, until: Int)] = []
    while let step = search.next(trials), steps.count < 1000 {
      steps.append(step)
      guard trials.indices.contains(step.index), trials[step.index].stage == .waiting,
        step.until > trials[step.index].done, step.until <= epochs
      else {
        problems.append("it asks to train trial \(step.index) until epoch \(step.until)")
        return steps
      }
      trials[step.index].done = step.until
      if step.until == epochs { trials[step.index].stage = .finished }
      for epoch in 1...step.until {
        trials[step.index].values[epoch] = Double(step.index * 7 % count) + 1 / Double(epoch)
      }
      expect(
        step.until == epochs || search.pauses(after: step.until, of: epochs),
        "it stops a trial after epoch \(step.until), and does not call that a pause")
    }
    expect(!steps.isEmpty, "it trains nothing")
    expect(steps.count < 1000, "it never ends")
    return steps
  }
}
