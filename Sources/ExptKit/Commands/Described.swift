import ExptComponents
import ExptFiles
import ExptTraining

/// What an experiment file can say in one place: its own settings, or those of a component.
struct Described {
  /// `model`; `experiment` for the file's own.
  var role: String
  /// `vae`; `training` for a section of the file.
  var name: String
  var title: String
  var summary: String
  /// The Swift type of a component, with its module: `ExptBuiltins.VAE`.
  var type: String?
  var settings: [SettingDescription]

  /// The file, its sections, and every component, role by role.
  static func all(_ catalog: Catalog) -> [Described] {
    let sections = [
      Described(
        role: "experiment", name: "experiment", title: "experiment file",
        summary: "The top level of an experiment file.",
        settings: Experiment.settingDescriptions),
      Described(
        role: "experiment", name: "training", title: "training",
        summary: "How long to train, and in what batches.",
        settings: TrainingSettings.settingDescriptions),
      Described(
        role: "experiment", name: "outputs", title: "outputs",
        summary: "What is written to the run folder, and how often.",
        settings: OutputSettings.settingDescriptions),
    ]
    let components = catalog.roles.flatMap { role in
      catalog.components(role: role.name).map { one in
        Described(
          role: role.name, name: one.id, title: "\(role.title) \(one.id): \(one.summary)",
          summary: one.summary, type: String(reflecting: Swift.type(of: one)),
          settings: one.settingDescriptions)
      }
    }
    return sections + components
  }

  /// Whether a role, a component or a section of this name is meant.
  func answers(to subject: String?) -> Bool { subject == role || subject == name }

  var json: JSONValue {
    [
      "role": .string(role), "name": .string(name), "summary": .string(summary),
      "settings": .array(
        settings.map { setting in
          [
            "name": .string(setting.name),
            "help": .string(setting.help),
            "expects": .string(setting.expectation),
            "limits": setting.limits.map { .string($0) } ?? .null,
            "required": .bool(setting.defaultValue == nil),
            "default": setting.defaultValue.map { JSONValue($0) } ?? .null,
          ]
        }),
    ]
  }
}
