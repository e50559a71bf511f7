import ArgumentParser
import ExptComponents
import ExptDocument
import ExptFiles
import ExptReport
import ExptTraining

/// `expt describe [ROLE|NAME]`: what an experiment file can say.
struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "List the components, or one component's settings with defaults and ranges.")

  @Argument(
    help: "A role (such as model), a component (such as vae), or 'experiment'.",
    completion: Completions.subject)
  var subject: String?

  @Flag(help: "Print JSON instead: all components with their settings, or only the subject.")
  var json = false

  @Flag(help: "Print Markdown instead: a reference of all components, or only of the subject.")
  var markdown = false

  func validate() throws {
    if json && markdown { throw ValidationError("--json and --markdown cannot be combined") }
  }

  func run() throws {
    let found = Described.all(Expt.catalog).filter { subject == nil || $0.answers(to: subject) }
    if let subject, found.isEmpty { throw Self.unknown(subject) }
    if json { return Console.result(String(JSONValue.array(found.map(\.json)).pretty.dropLast())) }
    if markdown {
      return Console.result(
        subject == nil
          ? ComponentReference.page(found)
          : found.map(ComponentReference.section).joined(separator: "\n\n"))
    }
    guard let subject else {
      return Expt.catalog.roles.forEach { Console.result(Self.overview(of: $0)) }
    }
    let roles = Expt.catalog.roles.filter { $0.name == subject }.map(Self.overview)
    let settings = found.filter { $0.name == subject || $0.role == "experiment" }.map {
      Self.settings($0.settings, title: $0.title)
    }
    Console.result((roles + settings).joined(separator: "\n"))
  }

  /// What can be described.
  static var subjects: [String] {
    (["experiment"] + Expt.catalog.roles.map(\.name)
      + Expt.catalog.roles.flatMap { Expt.catalog.ids(role: $0.name) }).unique
  }

  private static func unknown(_ subject: String) -> CommandFailure {
    let hint =
      closestMatch(to: subject, among: subjects).map { "did you mean '\($0)'?" }
      ?? "'expt describe' lists them all"
    return CommandFailure(.usage, "there is no role or component '\(subject)': \(hint)")
  }

  /// A role and its components, a line each.
  private static func overview(of role: AnyRole) -> String {
    var table = TerminalTable(["", ""])
    for one in Expt.catalog.components(role: role.name) {
      table.add(["  " + one.id, one.summary])
    }
    let lines = table.text.split(separator: "\n").joined(separator: "\n")
    return Console.heading("\(role.name)") + "\n" + lines + "\n"
  }

  private static func settings(_ settings: [SettingDescription], title: String) -> String {
    var lines = [Console.heading(title)]
    if settings.isEmpty { lines.append("  It has no settings.") }
    for setting in settings {
      let value = setting.defaultValue.map { "default \($0.inWords)" } ?? "required"
      let facts = [setting.expectation, setting.limits, value].compactMap { $0 }
      lines.append("  \(setting.name)  (\(facts.joined(separator: "; ")))")
      lines.append("      \(setting.help)")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Console {
  /// A title on stdout: bold on a terminal.
  static func heading(_ text: String) -> String {
    resultIsTerminal && usesColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text
  }
}

extension PlainValue {
  /// The value in a few words, for a list of defaults.
  var inWords: String {
    switch self {
    case .list(let values) where values.isEmpty: "none"
    case .mapping: "see below"
    case .null: "null"
    default: YAMLWriter.write([YAMLWriter.Entry("x", YAMLWriter.Value(self))]).afterColon
    }
  }
}

extension String {
  /// The value of a line `key: value`.
  fileprivate var afterColon: String {
    split(separator: ":", maxSplits: 1).last.map {
      String($0.drop { $0 == " " }.prefix { $0 != "\n" })
    } ?? self
  }
}
