import ExptComponents

/// What files can say, as a page of Markdown.
enum ComponentReference {
  /// The whole page: the file, then role by role.
  static func page(_ described: [Described]) -> String {
    var lines = [
      "# Components", "",
      "Everything that experiment and sweep files can name, with all settings. `expt describe --markdown` "
        + "writes this page.",
    ]
    var role: String?
    for one in described {
      if one.role != role { lines += ["", "## \(heading(one.role))"] }
      role = one.role
      lines += ["", section(one)]
    }
    return lines.joined(separator: "\n")
  }

  /// One component or section of the file, with a table of its settings.
  static func section(_ one: Described) -> String {
    var lines = ["### \(one.name)", "", one.summary]
    if let type = one.type { lines += ["", "In Swift: `\(type)`."] }
    lines.append("")
    if one.settings.isEmpty {
      lines.append("It has no settings.")
    } else {
      lines += ["| setting | value | default | meaning |", "| --- | --- | --- | --- |"]
      lines += one.settings.map(row)
    }
    return lines.joined(separator: "\n")
  }

  private static func row(_ setting: SettingDescription) -> String {
    let value = [setting.expectation, setting.limits].compactMap { $0 }.joined(separator: "; ")
    let cells = ["`\(setting.name)`", value, standard(setting), setting.help].map {
      $0.replacing("|", with: "\\|").replacing("<", with: "\\<")
    }
    return "| " + cells.joined(separator: " | ") + " |"
  }

  private static func standard(_ setting: SettingDescription) -> String {
    switch setting.defaultValue {
    case nil: "required"
    case .mapping: "see below"
    case .list(let values) where values.isEmpty: "`[]`"
    case .some(let value): "`\(value.inWords)`"
    }
  }

  private static func heading(_ role: String) -> String {
    role == "experiment" ? "The experiment file" : "Role `\(role)`"
  }
}
