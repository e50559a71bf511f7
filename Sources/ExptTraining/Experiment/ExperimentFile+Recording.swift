import ExptComponents
import ExptFiles
public import ExptRunFolder

extension ExperimentFile {
  /// Every setting with its value and where it came from, flat.
  public var recordedSettings: [RecordedSettings.Setting] { Self.flat(experiment.plainEntries) }

  /// Writes the settings of a run that starts into its folder.
  func record(in folder: RunFolder) throws(FileProblem) {
    try folder.write(resolved: resolved, recordedSettings)
  }

  /// Writes the settings of a resumed run into its folder, where this file, the run's
  /// `resolved.yaml` with overrides, says anything that is not there yet. What is there keeps the
  /// origin that was recorded of it.
  ///
  /// - Parameters:
  ///   - manifest: Takes over the format of the folder.
  ///   - warn: Told of an `origins.json` that cannot be read.
  func record(
    in folder: RunFolder, resuming manifest: inout Manifest, warn: (String) -> Void
  ) throws(FileProblem) {
    var recorded: RecordedSettings?
    do { recorded = try folder.readOrigins(manifest) } catch { warn("\(error)") }
    if isAsRecorded { return }
    let origins = RecalledOrigins(of: self, recorded)
    let entries = experiment.plainEntries.map { origins.recalled($0, at: $0.key) }
    try folder.write(resolved: Self.resolved(entries), Self.flat(entries))
    manifest.versions.format = max(
      manifest.versions.format, Manifest.Versions.currentFormat)
  }

  /// Whether every setting stands in the file itself: no override, no default.
  var isAsRecorded: Bool { recordedSettings.allSatisfy { $0.origin.map(isHere) ?? true } }

  /// Whether an origin is a place in this file.
  fileprivate func isHere(_ origin: String) -> Bool { origin.hasPrefix(document.file + ":") }

  fileprivate static func flat(_ entries: [PlainEntry]) -> [RecordedSettings.Setting] {
    var settings: [RecordedSettings.Setting] = []
    // A component's choice came from where the component did.
    func collect(_ value: PlainValue, at path: String, from origin: String?) {
      switch value {
      case .mapping(let inside) where !inside.isEmpty:
        for entry in inside {
          collect(
            entry.value, at: "\(path).\(entry.key)",
            from: entry.remark ?? (entry.key == "type" ? origin : nil))
        }
      case .list(let elements) where elements.contains(where: \.isMapping):
        for (index, element) in elements.enumerated() {
          collect(element, at: "\(path)[\(index)]", from: origin)
        }
      default:
        settings.append(RecordedSettings.Setting(path, JSONValue(value), origin: origin))
      }
    }
    for entry in entries { collect(entry.value, at: entry.key, from: entry.remark) }
    return settings
  }
}

/// The origins that were recorded of settings that still have the recorded value. One that was
/// edited in `resolved.yaml` has none.
private struct RecalledOrigins {
  private let file: ExperimentFile
  private let origins: [String: String]

  init(of file: ExperimentFile, _ recorded: RecordedSettings?) {
    self.file = file
    var values: [String: JSONValue] = [:]
    for setting in file.recordedSettings { values[setting.path] = setting.value }
    var origins: [String: String] = [:]
    for setting in recorded?.settings ?? [] where values[setting.path] == setting.value {
      origins[setting.path] = setting.origin
    }
    self.origins = origins
  }

  /// An entry that stands in the file, with the origin of its value, or of the component it is.
  func recalled(_ entry: PlainEntry, at path: String) -> PlainEntry {
    var entry = entry
    entry.value = recalled(entry.value, at: path)
    if entry.remark.map(file.isHere) == true {
      entry.remark = origins[path] ?? origins[path + ".type"] ?? origins[path + "[0].type"]
    }
    return entry
  }

  private func recalled(_ value: PlainValue, at path: String) -> PlainValue {
    switch value {
    case .mapping(let entries):
      .mapping(entries.map { recalled($0, at: "\(path).\($0.key)") })
    case .list(let elements):
      .list(elements.enumerated().map { recalled($1, at: "\(path)[\($0)]") })
    default: value
    }
  }
}

extension PlainValue {
  fileprivate var isMapping: Bool { if case .mapping = self { true } else { false } }
}
