/// What decides whether the losses of runs mean the same: of a run that is there, or of one that is
/// only planned.
public struct Comparand: Sendable {
  var settings: RunSettings
  var model: String
  var likelihood: String
  /// Of the data: the name, and whatever tells them from others of that name.
  var data: String
  var fingerprint: String
  /// That of older runs of the same data; nil for them, and for data without labels.
  var fingerprintWithLabels: String?
  /// What the fingerprint is made of.
  var fingerprints: String
  var validation: String

  /// Nil for a run that cannot be read.
  init?(_ run: RunRecord) {
    guard let manifest = run.manifest else { return nil }
    settings = run.settings
    model = manifest.model
    likelihood = manifest.likelihood
    data =
      manifest.dataset.substitutedFor.map { "\(manifest.dataset.name) in place of \($0)" }
      ?? manifest.dataset.name
    fingerprint = manifest.dataset.fingerprint
    fingerprintWithLabels = manifest.dataset.fingerprintWithLabels
    fingerprints = "fingerprints"
    validation = "\(manifest.dataset.validation)"
  }

  /// A run that is planned, from the text of its resolved experiment; nil for what is none.
  public init?(resolved: String) {
    guard let settings = try? RunSettings.parse(Array(resolved.utf8), path: "resolved.yaml")
    else { return nil }
    func text(_ key: String) -> String { settings.value(of: key).map { "\($0)" } ?? "" }
    self.settings = settings
    model = text("model.type")
    likelihood = text("model.likelihood")
    data = text("dataset.type")
    validation = text("dataset.validation")
    fingerprints = "settings"
    // Which images there are, not where they lie or how they are split and binarized.
    let others = ["dataset.root", "dataset.validation", "dataset.binarization"]
    fingerprint = settings.all.filter {
      $0.key.hasPrefix("dataset.") && !$0.key.hasPrefix("dataset.fallback")
        && !others.contains($0.key)
    }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  /// β as one text, a schedule with all its settings.
  var beta: String {
    if let constant = settings["model.beta"] { return "\(constant.value)" }
    return settings.all.filter { $0.key.hasPrefix("model.beta.") }.map { "\($0.value)" }
      .joined(separator: " ")
  }
}
