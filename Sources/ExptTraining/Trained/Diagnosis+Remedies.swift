import ExptComponents

// Advice that a run's model can follow: it names no settings that the model lacks.
extension Diagnosis {
  /// What can be changed about a model.
  struct Remedies {
    private let model: any Model
    private let descriptions: [SettingDescription]
    /// Where its latents lie; nil where that does not matter.
    var space: LatentSpace? = nil
    /// Whether its prior has parameters of its own.
    var priorLearns = false
    /// Whether only an opponent, and no KL, holds latents to the prior, by which a prior cannot learn.
    var isJudgedAlone = false

    init(_ model: any Model) {
      self.model = model
      descriptions = model.settingDescriptions
    }

    func has(_ setting: String) -> Bool { descriptions.contains { $0.name == setting } }

    /// What a setting says now; nil for one that is not there.
    func value(_ setting: String) -> PlainValue? {
      model.plainEntries.first { $0.key == setting }?.value
    }

    func schedule(_ path: String...) -> (any Schedule)? {
      model.schedules.first { $0.path == path }?.schedule
    }

    /// What the model's settings call weights.
    private var weights: [String] {
      descriptions.filter { $0.help.hasPrefix("Weight") }.map(\.name)
    }

    /// The settings that weigh the KL, the one called β alone where there is one.
    private var klWeights: [String] {
      if weights.contains("beta") { return ["beta"] }
      return descriptions.filter { $0.help.contains("KL") && schedule($0.name) != nil }.map(\.name)
    }

    private func called(_ settings: [String]) -> String {
      settings.map { $0 == "beta" ? "β" : "'\($0)'" }.joined(separator: " and ")
    }

    private func isCapacity(_ setting: String) -> Bool {
      schedule(setting) is any CapacitySchedule
    }

    /// For latents that should carry more: `lower β`; nil where the KL has no weight.
    var lessKL: String? {
      let settings = klWeights
      guard let first = settings.first else {
        return schedule("alpha").flatMap { $0.target.value < 1 ? "raise 'alpha'" : nil }
      }
      return isCapacity(first)
        ? "raise the capacity of \(called(settings))" : "lower \(called(settings))"
    }

    /// Lets the KL begin at 0, where β stands still.
    var warmUp: String? {
      klWeights == ["beta"] ? ramp("beta").map { "warm it up (\($0))" } : nil
    }

    /// A schedule from 0 to the weight of a setting that stands still: `beta: {type: linear}`.
    private func ramp(_ setting: String) -> String? {
      guard let target = schedule(setting)?.target, !isCapacity(setting), !target.isMoving else {
        return nil
      }
      let end = target.value == 1 ? "" : ", to: \(Format.significant(target.value))"
      return "\(setting): {type: linear\(end)}"
    }

    /// Pulls the KL towards something above 0, where β can do that and does not yet.
    var capacity: String? {
      let beta = descriptions.first { $0.name == "beta" && $0.help.contains("KL") }
      return beta == nil || isCapacity("beta") ? nil : "give the KL a capacity"
    }

    /// A floor for the KL, where no capacity is one.
    var freeBits: String? {
      guard let bits = value("free_bits"), !isCapacity("beta") else { return nil }
      return bits == .float(0) ? "use free_bits" : "raise free_bits"
    }

    /// For latents that are not where the prior is: `raise β`, `raise 'lambda'`.
    var moreOfPrior: String? {
      let settings = klWeights
      if let first = settings.first {
        return isCapacity(first)
          ? "lower the capacity of \(called(settings))" : "raise \(called(settings))"
      }
      return ["lambda", "weight"].first(where: weights.contains).map { "raise '\($0)'" }
    }

    /// Whether a prior with parameters of its own could be chosen.
    var canLearnPrior: Bool { has("prior") && !isJudgedAlone }

    var learningPrior: String? {
      guard canLearnPrior else { return nil }
      if priorLearns { return "use a more flexible prior" }
      let example = space?.isEuclidean ?? true ? ", such as gaussian_mixture" : ""
      return "use a prior that learns\(example)"
    }

    var fittedPrior: String { "sample from one fitted afterwards ('expt fit')" }

    /// Whether latents are codes of a model that has no prior to choose.
    var hasOnlyCodes: Bool { !has("prior") && space?.isOfCodes == true }

    /// For collapsed latents of a model whose KL has no weight: another term that has one, or another model.
    var withoutKLWeight: String {
      // More of these two, not less, is against it.
      let other = weights.first { !["alpha", "diagonal"].contains($0) && schedule($0) != nil }
      return Diagnosis.advice([
        other.map { "lower '\($0)'" }, "use a model whose KL has a weight, such as vae",
      ])
    }

    /// Fools an opponent less at first, where that has a weight.
    var lessFooling: String? {
      let weight = ["weight", "gamma"].first { weights.contains($0) && schedule($0) != nil }
      return weight.flatMap(ramp).map { "weigh fooling it less at first (\($0))" }
    }
  }

  /// `Lower β, warm it up, or use free_bits.` of those that there are.
  static func advice(_ options: [String?]) -> String {
    let options = options.compactMap(\.self)
    guard let first = options.first else { return "" }
    var text = first.prefix(1).uppercased() + first.dropFirst()
    for (index, option) in options.enumerated().dropFirst() {
      let isLast = index == options.count - 1
      let joins = options.count > 2 || first.contains(",") ? ", or " : " or "
      text += (isLast ? joins : ", ") + option
    }
    return text + "."
  }
}

extension Trainer {
  /// What can be changed about its model.
  func remedies(_ space: LatentSpace) -> Diagnosis.Remedies {
    let terms = network.step(batch: batches.size(ofBatch: 0), mode: .training).graph.terms
    var remedies = Diagnosis.Remedies(experiment.model)
    remedies.space = space
    remedies.priorLearns = network.store.specs.contains {
      $0.name.hasPrefix("prior.") && !$0.isState
    }
    remedies.isJudgedAlone = terms.kl == nil && !terms.opponents.isEmpty
    return remedies
  }
}
