import ArgumentParser
import ExptDocument
import ExptTraining

/// The options of every command that reads an experiment file.
struct ExperimentOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Override a setting; the value is read as YAML. Repeatable.", valueName: "key.path=value"))
  var overrides: [String] = []

  @Option(help: "The seed; short for --set seed=N.")
  var seed: UInt64?

  @Option(help: "The experiment's name; short for --set name=NAME.")
  var name: String?

  /// - Throws: Every mistake in the options and the file.
  func load(_ file: String) throws -> ExperimentFile {
    do throws(Diagnostics) {
      try FileKind.refuse(.sweep, at: file)
      let loaded = try ExperimentFile.load(
        path: file, overrides: parsedOverrides(), catalog: Expt.catalog)
      for warning in Diagnostics(loaded.warnings).sorted { Console.note(warning.rendered) }
      return loaded
    } catch {
      throw CommandFailure(error)
    }
  }

  private func parsedOverrides() throws(Diagnostics) -> [Override] {
    var problems = Diagnostics()
    var parsed: [Override] = []
    func add(_ argument: String, _ option: String) {
      do { parsed.append(try Override(parsing: argument, option: option)) } catch {
        problems.append(contentsOf: error)
      }
    }
    for argument in overrides { add(argument, "--set") }
    if let seed { add("seed=\(seed)", "--seed") }
    if let name {
      let text = Node(
        .scalar(Scalar(name, isQuoted: true)), origin: .override("--name \(name)"))
      parsed.append(try Override(key: "name", at: text.span, value: text))
    }
    try problems.throwErrors()
    return parsed
  }
}

extension CommandFailure {
  /// Mistakes in an experiment file: exit code 66 where it is not there, else 65.
  init(_ diagnostics: Diagnostics) {
    let isMissing = diagnostics.all.contains { $0.code == .fileNotFound }
    self.init(isMissing ? .noInput : .data, diagnostics.rendered, isRendered: true)
  }
}
