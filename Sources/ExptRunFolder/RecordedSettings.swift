public import ExptFiles

/// `origins.json`: every setting of a run with its value and where that came from, as data.
///
///     {
///       "sha256": "9f86d081884c7d65…",
///       "origins": { "seed": "--seed 1", "model.encoder.layers[0].out": "vae.yaml:4", … },
///       "values": { "seed": 1, "model.encoder.layers[0].out": 400, … }
///     }
///
/// The digest is that of the `resolved.yaml` that was written with it, by which a reader sees
/// whether that file was edited since: what trains and what is reported is always `resolved.yaml`.
public struct RecordedSettings: Sendable, Hashable {
  public struct Setting: Sendable, Hashable {
    /// For example `model.encoder.layers[0].out`.
    public var path: String
    public var value: JSONValue
    /// For example `vae.yaml:4`, `--set model.beta=4`, `default`; nil if it is not known.
    public var origin: String?

    public init(_ path: String, _ value: JSONValue, origin: String?) {
      self.path = path
      self.value = value
      self.origin = origin
    }
  }

  /// In the order of `resolved.yaml`.
  public var settings: [Setting]
  private let digest: String

  /// - Parameter resolved: The text of `resolved.yaml`.
  public init(_ settings: [Setting], resolved: String) {
    self.settings = settings
    digest = SHA256.hex(of: Array(resolved.utf8))
  }

  /// Whether these are the settings in this text of `resolved.yaml`.
  public func describes(_ resolved: [UInt8]) -> Bool { digest == SHA256.hex(of: resolved) }

  var json: JSONValue {
    var origins = JSONObject()
    var values = JSONObject()
    for setting in settings {
      origins[setting.path] = setting.origin.map { .string($0) }
      values[setting.path] = setting.value
    }
    return ["sha256": .string(digest), "origins": .object(origins), "values": .object(values)]
  }

  /// - Throws: `malformed` if a part is missing. An origin that is not text is not known.
  init(_ json: JSONValue, path: String) throws(FileProblem) {
    guard let digest = json["sha256"]?.string, let origins = json["origins"]?.object,
      let values = json["values"]?.object
    else {
      throw FileProblem(
        .malformed, "it lacks 'sha256', 'origins' or 'values', so origins are not known.",
        path: path)
    }
    self.digest = digest
    settings = values.members.map {
      Setting($0.key, $0.value, origin: origins[$0.key]?.string)
    }
  }
}

extension RunFolder {
  /// Every setting with its value and where it came from: see `RecordedSettings`.
  public var originsFile: String { file("origins.json") }

  /// Writes `resolved.yaml`, and `origins.json` beside it.
  public func write(
    resolved: String, _ settings: [RecordedSettings.Setting]
  ) throws(FileProblem) {
    try AtomicFile.write(resolved, to: resolvedFile)
    let recorded = RecordedSettings(settings, resolved: resolved)
    try AtomicFile.write(recorded.json.pretty, to: originsFile)
  }

  /// `origins.json`; nil in a folder of format 1, which has none.
  ///
  /// - Throws: `missing`, `unreadable` or `malformed`: its settings can be read anyway.
  public func readOrigins(_ manifest: Manifest?) throws(FileProblem) -> RecordedSettings? {
    if !FilePath.exists(originsFile), manifest?.versions.hasOrigins != true { return nil }
    return try RecordedSettings(JSONValue.read(originsFile, limit: 4 << 20), path: originsFile)
  }
}
