/// The settings in which runs differ, in the order of their files.
public struct SettingDifferences: Sendable {
  public var keys: [String]
  /// The keys that a table needs: without settings that some runs lack, having chosen another
  /// component, and that the others leave at their default. The choice itself says as much.
  public var tellingKeys: [String]

  /// Runs without settings (unreadable ones) are left out.
  ///
  /// - Parameter ignoring: Keys that are not wanted, such as `seed`; see `RunGroup.ignored`.
  public init(_ runs: [RunRecord], ignoring: (String) -> Bool = { _ in false }) {
    let told = runs.filter { !$0.settings.all.isEmpty }
    var tallies: [Tally] = []
    var places: [String: Int] = [:]
    for run in told {
      for (index, setting) in run.settings.all.enumerated() {
        // Most runs have the settings of the first one, in its order.
        let isThere = index < tallies.count && tallies[index].key == setting.key
        if let place = isThere ? index : places[setting.key] {
          tallies[place].add(setting)
        } else {
          places[setting.key] = tallies.count
          tallies.append(Tally(setting))
        }
      }
    }
    let differing = tallies.filter {
      !ignoring($0.key) && ($0.differs || $0.count < told.count)
    }
    var order = KeyOrder()
    if differing.contains(where: { $0.count < told.count }) {
      for run in told { order.add(run.settings.all.lazy.map(\.key)) }
    } else {
      order.add(tallies.map(\.key))
    }
    let byKey = Dictionary(
      differing.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    keys = order.keys.filter { byKey[$0] != nil }
    tellingKeys = keys.filter { key in byKey[key].map { $0.differs || !$0.isDefault } ?? false }
  }

  /// What is known about a setting after some runs.
  private struct Tally {
    var key: String
    var value: RunValue
    var count = 1
    var differs = false
    /// Whether no run says anything but the default.
    var isDefault: Bool

    init(_ setting: RunSettings.Setting) {
      key = setting.key
      value = setting.value
      isDefault = setting.origin == "default"
    }

    mutating func add(_ setting: RunSettings.Setting) {
      count += 1
      if !differs, setting.value != value { differs = true }
      if isDefault, setting.origin != "default" { isDefault = false }
    }
  }
}

/// Keys of several lists in one, each new one behind the key it follows in its own list.
struct KeyOrder {
  private(set) var keys: [String] = []
  private var known: Set<String> = []

  mutating func add(_ list: some Sequence<String>) {
    var before: String?
    for key in list {
      if known.insert(key).inserted {
        let place = before.flatMap { keys.lastIndex(of: $0) }.map { $0 + 1 } ?? 0
        keys.insert(key, at: place)
      }
      before = key
    }
  }
}
