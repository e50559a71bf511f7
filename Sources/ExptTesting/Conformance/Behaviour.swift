import ExptComponents

/// What a component does, as numbers that two settings can be compared by, and what it does wrong.
struct Behaviour {
  /// Bit patterns, so that NaN equals itself.
  private(set) var numbers: [UInt64] = []
  var problems: [String] = []

  /// Whether nothing could be seen, such as of a dataset that is not there, or in a role of a
  /// plugin's own.
  var isBlind = false

  /// Whether only numbers are wanted, for a comparison.
  let isBrief: Bool

  init(of component: any Component, isBrief: Bool = false) {
    self.isBrief = isBrief
    isBlind = !AnyRole.builtins.contains { $0.includes(type(of: component)) }
    if let model = component as? any Model { examine(model) }
    if let posterior = component as? any Posterior { examine(posterior) }
    if let prior = component as? any Prior { examine(prior) }
    if let condition = component as? any Condition { examine(condition) }
    if let architecture = component as? any Architecture { examine(architecture) }
    if let layer = component as? any Layer { examine(layer) }
    if let activation = component as? any SparseActivation { examine(activation) }
    if let likelihood = component as? any Likelihood { examine(likelihood) }
    if let corruption = component as? any Corruption { examine(corruption) }
    if let dataset = component as? any Dataset { examine(dataset) }
    if let optimizer = component as? any Optimizer { examine(optimizer) }
    if let schedule = component as? any LearningRateSchedule { examine(schedule) }
    if let schedule = component as? any Schedule { examine(schedule) }
    if let output = component as? any Output { examine(output) }
    if let search = component as? any Search { examine(search) }
    if let sampler = component as? any Sampler { examine(sampler) }
    if let evaluator = component as? any Evaluator { examine(evaluator) }
  }

  /// Settings of a role that somebody else applies: the trainer divides datasets.
  static func settingsOfOthers(_ role: AnyRole) -> Set<String> {
    role.name == "dataset" ? Set(SplitSettings.settingDescriptions.map(\.name)) : []
  }

  mutating func record(_ numbers: some Sequence<Float>) {
    self.numbers += numbers.map { UInt64($0.bitPattern) }
  }

  mutating func record(_ numbers: some Sequence<Double>) {
    self.numbers += numbers.map(\.bitPattern)
  }

  mutating func record(_ text: String) { numbers += text.utf8.map(UInt64.init) }

  mutating func expect(_ claim: Bool, _ problem: @autoclosure () -> String) {
    if !claim { problems.append(problem()) }
  }

  mutating func expectFinite(_ numbers: some Sequence<Float>, _ what: String) {
    expect(numbers.allSatisfy(\.isFinite), "\(what) is not finite")
  }
}
