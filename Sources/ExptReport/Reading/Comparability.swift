/// Whether the losses of runs can be ranked against each other, and if not, why.
public enum Comparability {
  /// Where a metric is named, for advice.
  public enum Place: Sendable {
    case option, sweepFile

    func naming(_ metric: String) -> String {
      self == .option ? "--metric \(metric)" : "'metric: \(metric)' in the sweep file"
    }
  }

  /// What speaks against ranking these runs by a metric, one sentence each; none for runs that
  /// compare. Unreadable runs are left out.
  ///
  /// - Parameter metric: The default is any loss. What a loss weighs does not change what its terms
  ///   (`validation_reconstruction`) mean.
  public static func warnings(
    _ runs: [RunRecord], metric: String? = nil, naming place: Place = .option
  ) -> [String] {
    warnings(runs.compactMap { Comparand($0) }, metric: metric, naming: place)
  }

  /// The same of runs that may only be planned.
  public static func warnings(
    _ runs: [Comparand], metric: String? = nil, naming place: Place = .option
  ) -> [String] {
    guard runs.count > 1 else { return [] }
    let always = [data(runs), validation(runs), likelihood(runs)].compactMap { $0 }
    guard metric?.split(separator: "_").contains("loss") ?? true else { return always }
    let part = metric?.hasPrefix("train") ?? false ? "train" : "validation"
    let advice =
      "rank by the sum of reconstruction and KL, " + place.naming("\(part)_negative_elbo")
    return always + [objective(runs)].compactMap { $0 } + scale(runs, advice)
  }

  /// A sentence for each dataset that took the place of another; of a single run too.
  public static func substitutions(_ runs: [RunRecord]) -> [String] {
    var counts: [(wanted: String, used: String, count: Int)] = []
    for run in runs {
      guard let data = run.manifest?.dataset, let wanted = data.substitutedFor else { continue }
      if let place = counts.firstIndex(where: { $0.wanted == wanted && $0.used == data.name }) {
        counts[place].count += 1
      } else {
        counts.append((wanted, data.name, 1))
      }
    }
    return counts.map { entry in
      let who =
        runs.count == 1
        ? "this run was" : entry.count == 1 ? "1 run was" : "\(entry.count) runs were"
      return "\(who) trained on '\(entry.used)' IN PLACE OF '\(entry.wanted)'"
    }
  }

  // MARK: The reasons

  private static func data(_ runs: [Comparand]) -> String? {
    let names = distinct(runs, \.data)
    guard distinctData(runs).count > 1 else { return nil }
    let which =
      names.count > 1
      ? " (\(list(names)))" : " (\(list(names)), with different \(runs[0].fingerprints))"
    return "the runs were trained on different data\(which): their losses are not comparable"
  }

  /// The fingerprints of the data. Older runs have one with the labels, which newer ones of the same
  /// data know too.
  private static func distinctData(_ runs: [Comparand]) -> [String] {
    distinct(runs) { run in
      let newer =
        run.fingerprintWithLabels == nil
        ? runs.first { $0.fingerprintWithLabels == run.fingerprint } : nil
      return (newer ?? run).fingerprint
    }
  }

  private static func validation(_ runs: [Comparand]) -> String? {
    let counts = distinct(runs, \.validation)
    if distinctData(runs).count == 1, counts.count > 1 {
      return
        "the runs split the data differently (\(list(counts)) images held out for validation): "
        + "their losses are not comparable"
    }
    let binarizations = distinct(runs) { "\($0.settings["dataset.binarization"]?.value ?? .null)" }
    guard binarizations.count > 1 else { return nil }
    return "the runs see differently binarized images (\(list(binarizations))): "
      + "their losses are not comparable"
  }

  private static func likelihood(_ runs: [Comparand]) -> String? {
    let names = distinct(runs, \.likelihood)
    guard names.count > 1 else { return nil }
    return "the runs have different likelihoods (\(list(names))), whose nats measure different "
      + "things: their losses are not comparable"
  }

  private static func objective(_ runs: [Comparand]) -> String? {
    let models = distinct(runs, \.model)
    guard models.count > 1 else { return nil }
    return "the models minimise different losses (\(list(models))): rank them by "
      + "'expt evaluate', which measures all on one scale"
  }

  /// Settings that change what the loss is, not only how low it gets.
  private static func scale(_ runs: [Comparand], _ advice: String) -> [String] {
    guard distinct(runs, \.model).count == 1 else { return [] }
    var sentences: [String] = []
    let betas = distinct(runs, \.beta)
    if betas.count > 1 {
      sentences.append(
        "the losses weight the KL differently (model.beta \(list(betas))): \(advice)")
    }
    for key in ["model.free_bits", "model.samples"] {
      let values = distinct(runs) { $0.settings[key].map { "\($0.value)" } ?? "–" }
      let isBound = key == "model.samples" && runs.first?.model != "iwae"
      guard values.count > 1, !isBound else { continue }
      sentences.append(
        "the losses are different bounds (\(key) \(list(values))): "
          + (key == "model.free_bits" ? advice : "rank by 'expt evaluate'"))
    }
    return sentences
  }

  private static func distinct(_ runs: [Comparand], _ value: (Comparand) -> String) -> [String] {
    var seen: Set<String> = []
    return runs.map(value).filter { !$0.isEmpty && seen.insert($0).inserted }
  }

  /// `a and b`, `a, b and c`, at most five of them.
  private static func list(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "" }
    if words.count > 5 {
      return words.prefix(4).joined(separator: ", ") + " and \(words.count - 4) more"
    }
    return words.dropLast().joined(separator: ", ") + " and \(last)"
  }
}
