/// Runs that differ only in their seed: repetitions of one experiment.
public struct RunGroup: Sendable {
  /// In the order they were given.
  public var runs: [RunRecord]

  public init(_ runs: [RunRecord]) { self.runs = runs }

  /// Runs with the same settings on the same data, whatever their seed, name and outputs. Groups
  /// come in the order of their first runs; an unreadable run is a group of its own.
  public static func bySettings(_ runs: [RunRecord]) -> [RunGroup] {
    var groups: [RunGroup] = []
    var places: [Key: Int] = [:]
    for run in runs {
      guard let key = Key(run) else {
        groups.append(RunGroup([run]))
        continue
      }
      if let place = places[key] {
        groups[place].runs.append(run)
      } else {
        places[key] = groups.count
        groups.append(RunGroup([run]))
      }
    }
    return groups
  }

  /// Settings that change no number of a run's metrics but by chance: the seed, and what is only a
  /// name, a place or an output. (The data are told apart by their fingerprint.)
  public static func ignored(_ key: String) -> Bool {
    key == "seed" || key == "name" || key == "dataset.root" || key.hasPrefix("outputs.")
  }

  private struct Key: Hashable {
    var settings: [String: RunValue] = [:]
    var data: String

    init?(_ run: RunRecord) {
      guard let manifest = run.manifest, !run.settings.all.isEmpty else { return nil }
      data = manifest.dataset.fingerprintWithLabels ?? manifest.dataset.fingerprint
      for setting in run.settings.all where !RunGroup.ignored(setting.key) {
        settings[setting.key] = setting.value
      }
    }
  }
}
