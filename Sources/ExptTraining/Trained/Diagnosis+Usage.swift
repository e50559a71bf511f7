import ExptComponents

// Codes and sparse latents that nothing uses.
extension Diagnosis {
  /// A dictionary that explains no more than the mean, because a penalty keeps its latents off; nil for
  /// any other model.
  ///
  /// - Parameter means: The columns of an epoch.
  static func penalised(
    _ means: [(name: String, value: Double)], _ learning: Learning, _ remedies: Remedies
  ) -> String? {
    func value(_ column: String) -> Double? { means.first { $0.name == column }?.value }
    guard !learning.isDone, let explained = value("explained_variance"), let on = value("l0"),
      explained < 0.01, on < 1, let weight = remedies.schedule("activation", "weight")
    else { return nil }
    return
      "The dictionary explains \(explained < 0 ? "less" : "no more") than the mean image does (explained "
      + "variance \(Format.fixed(explained, 2))): \(Format.fixed(on, 2)) latents are on in an image, "
      + "because the penalty keeps them off. Lower its weight (activation.weight, which is "
      + "\(Format.significant(weight.target.value)))."
  }

  /// What the epoch's counts say of codes and sparse latents; nil for a model without.
  ///
  /// - Parameters:
  ///   - areLearned: Whether codes have vectors of their own that can be lost.
  ///   - hasLearned: Whether the model knows more than the average image.
  static func usage(
    _ epoch: EpochSummary, _ tallies: [Tally], areLearned: Bool, hasLearned: Bool,
    _ remedies: Remedies
  ) -> String? {
    let levels = tallies.count { $0.subject == .codes }
    let sentences = tallies.enumerated().compactMap { place, tally -> String? in
      func value(_ column: Int) -> Double? {
        let name = tally.columns[column].name
        return epoch.train.first { $0.name == name }?.value
      }
      let size = tally.sums.shape.count
      switch tally.subject {
      case .codes?:
        guard let perplexity = value(0), let usage = value(1) else { return nil }
        return codes(
          size, used: Int((usage * Double(size)).rounded()), perplexity, areLearned: areLearned,
          level: levels > 1 ? place + 1 : nil, remedies)
      case .latents?:
        return value(0).flatMap {
          sparseLatents(size, dead: Int($0), hasLearned: hasLearned, remedies)
        }
      case nil: return nil
      }
    }
    return sentences.isEmpty ? nil : sentences.joined(separator: " ")
  }

  static func codes(
    _ size: Int, used: Int, _ perplexity: Double, areLearned: Bool, level: Int? = nil,
    _ remedies: Remedies
  ) -> String {
    let counts =
      "\(used) of \(size) codes\(level.map { " of level \($0)" } ?? "") were chosen in the last epoch (perplexity "
      + "\(Format.fixed(perplexity, 1)))"
    guard used * 2 < size else { return counts + "." }
    guard areLearned else {
      let setting = ["bits", "levels"].first(where: remedies.has)
      return counts + ": fewer would do. "
        + advice(["train longer", "use fewer \(setting.map { "'\($0)'" } ?? "values")"])
    }
    let restart = remedies.value("restart_below")
    let restarts = restart != nil && restart != .null
    return counts + ": the others are dead"
      + (restarts ? ", although they begin again (restart_below). " : ". ")
      + advice([
        restart == .null ? "let them begin again (restart_below)" : nil,
        "use a smaller codebook", "use fsq_ae, which has none to die",
      ])
  }

  /// - Parameter hasLearned: Without, it says nothing which latents are on, and what to do about the others
  ///   is said elsewhere.
  static func sparseLatents(
    _ size: Int, dead: Int, hasLearned: Bool, _ remedies: Remedies
  ) -> String? {
    if dead == 0 {
      return hasLearned ? "All \(size) latents were on in some image of the last epoch." : nil
    }
    let counts = "\(dead) of \(size) latents were on in no image of the last epoch"
    guard hasLearned, dead * 10 > size else { return counts + "." }
    return counts + ": they are dead. "
      + advice([
        "raise aux_weight", "lower dead_after",
        remedies.schedule("activation", "weight").map { _ in
          "lower the penalty (activation.weight)"
        }, "use fewer patterns",
      ])
  }
}
