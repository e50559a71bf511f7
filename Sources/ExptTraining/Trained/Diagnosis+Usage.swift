import ExptComponents

// Codes and sparse latents that nothing uses.
extension Diagnosis {
  /// What the epoch's counts say of codes and sparse latents; nil for a model without.
  ///
  /// - Parameter areLearned: Whether codes have vectors of their own that can be lost.
  static func usage(
    _ epoch: EpochSummary, _ tallies: [Tally], areLearned: Bool
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
          level: levels > 1 ? place + 1 : nil)
      case .latents?:
        return value(0).map { sparseLatents(size, dead: Int($0)) }
      case nil: return nil
      }
    }
    return sentences.isEmpty ? nil : sentences.joined(separator: " ")
  }

  static func codes(
    _ size: Int, used: Int, _ perplexity: Double, areLearned: Bool, level: Int? = nil
  ) -> String {
    let counts =
      "\(used) of \(size) codes\(level.map { " of level \($0)" } ?? "") were chosen in the last epoch (perplexity "
      + "\(Format.fixed(perplexity, 1)))"
    guard used * 2 < size else { return counts + "." }
    return counts
      + (areLearned
        ? ": the others are dead. Let them begin again (restart_below), use a smaller codebook, or "
          + "fsq_ae, which has none to die."
        : ": fewer would do. Train longer, or use fewer values.")
  }

  static func sparseLatents(_ size: Int, dead: Int) -> String {
    if dead == 0 { return "All \(size) latents were on in some image of the last epoch." }
    let counts = "\(dead) of \(size) latents were on in no image of the last epoch"
    guard dead * 10 > size else { return counts + "." }
    return counts
      + ": they are dead. Raise aux_weight, lower dead_after or the penalty, or use fewer "
      + "patterns."
  }
}
