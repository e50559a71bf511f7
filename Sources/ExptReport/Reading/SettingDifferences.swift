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
    var order = KeyOrder()
    var seen: [String: (value: RunValue, count: Int, differs: Bool, isDefault: Bool)] = [:]
    let told = runs.filter { !$0.settings.all.isEmpty }
    for run in told {
      order.add(run.settings.all.lazy.map(\.key))
      for setting in run.settings.all {
        if var known = seen[setting.key] {
          known.count += 1
          known.differs = known.differs || known.value != setting.value
          known.isDefault = known.isDefault && setting.origin == "default"
          seen[setting.key] = known
        } else {
          seen[setting.key] = (setting.value, 1, false, setting.origin == "default")
        }
      }
    }
    keys = order.keys.filter { key in
      guard let known = seen[key], !ignoring(key) else { return false }
      return known.differs || known.count < told.count
    }
    tellingKeys = keys.filter { key in
      seen[key].map { $0.differs || !$0.isDefault } ?? false
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
