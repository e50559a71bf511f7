/// All settings of a run, flat and in the order of `resolved.yaml`.
///
/// A component's choice is `model.type`; a list of components has numbers, `model.encoder.layers[0].type`.
/// A constant schedule, which experiment files write as a bare number, is one setting here too:
/// `model.beta`, not `model.beta.type` and `model.beta.value`.
public struct RunSettings: Sendable {
  /// One setting.
  public struct Setting: Sendable, Hashable {
    /// Where it stands, for example `model.encoder.hidden`.
    public var key: String
    public var value: RunValue
    /// Where it came from, for example `experiments/vae.yaml:7:12`, `--set model.beta=4`,
    /// `default`; nil if the folder does not say.
    public var origin: String?

    public init(_ key: String, _ value: RunValue, origin: String? = nil) {
      self.key = key
      self.value = value
      self.origin = origin
    }
  }

  public private(set) var all: [Setting]
  private var places: [String: Int]

  public init(_ settings: [Setting] = []) {
    all = Self.joiningConstants(settings)
    places = Dictionary(
      all.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The setting at exactly this key.
  public subscript(key: String) -> Setting? { places[key].map { all[$0] } }

  /// What a person means by a key: the setting, or the choice of component there, so that
  /// `model`, `model.type` and `model.beta` all name something.
  public func value(of key: String) -> RunValue? {
    if let setting = self[key] ?? self[key + ".type"] { return setting.value }
    for suffix in [".type", ".value"] where key.hasSuffix(suffix) {
      // A constant schedule in its long spelling.
      guard let setting = self[String(key.dropLast(suffix.count))], setting.value.double != nil
      else { continue }
      return suffix == ".type" ? .text("constant") : setting.value
    }
    return nil
  }

  private static func joiningConstants(_ settings: [Setting]) -> [Setting] {
    var joined: [Setting] = []
    joined.reserveCapacity(settings.count)
    for setting in settings {
      if setting.key.hasSuffix(".value"), let before = joined.last,
        before.value == .text("constant"), before.key.hasSuffix(".type"),
        before.key.dropLast(5) == setting.key.dropLast(6)
      {
        joined[joined.count - 1] = Setting(
          String(setting.key.dropLast(6)), setting.value, origin: setting.origin)
      } else {
        joined.append(setting)
      }
    }
    return joined
  }
}
