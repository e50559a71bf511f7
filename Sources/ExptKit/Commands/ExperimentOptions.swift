import ArgumentParser
import ExptDocument
import ExptFiles
import ExptTraining

/// The options of every command that reads an experiment file.
struct ExperimentOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Settings to override, as with --set.", valueName: "key.path=value"),
    completion: Completions.setting)
  var words: [String] = []

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Override a setting; the value is read as YAML. Repeatable.", valueName: "key.path=value"),
    completion: Completions.setting)
  var overrides: [String] = []

  @Option(help: ArgumentHelp("The seed; short for --set seed=N.", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp("The experiment's name; short for --set name=NAME.", valueName: "name"))
  var name: String?

  /// - Parameters:
  ///   - file: A path, or `-` for standard input.
  ///   - more: Settings that stood in front of the others.
  /// - Throws: Every mistake in the options and the file.
  func load(_ file: String, _ more: [String] = []) throws -> ExperimentFile {
    for word in more + words { try Self.checkSetting(word, after: file) }
    do throws(Diagnostics) {
      if file != "-" { try FileKind.refuse(.sweep, at: file) }
      let loaded = try read(file, parsedOverrides(more + words))
      for warning in Diagnostics(loaded.warnings).sorted { Console.note(warning.rendered) }
      return loaded
    } catch {
      throw CommandFailure(error)
    }
  }

  private func read(
    _ file: String, _ overrides: [Override]
  ) throws(Diagnostics) -> ExperimentFile {
    guard file == "-" else {
      return try ExperimentFile.load(path: file, overrides: overrides, catalog: Expt.catalog)
    }
    let document = try Document.parse(
      bytes: StandardInput.read(limit: 1 << 20), file: "<stdin>", overrides: overrides)
    return try ExperimentFile(document, name: "stdin", catalog: Expt.catalog)
  }

  /// - Throws: `CommandFailure` if a setting stands in the file's place.
  static func checkFile(_ file: String) throws -> String {
    guard file.contains("="), !FilePath.exists(file) else { return file }
    throw CommandFailure(
      .usage, "the experiment file comes first and its settings follow, as in 'expt FILE \(file)'")
  }

  /// - Throws: `CommandFailure` for a word behind the experiment file that is not `key=value`.
  static func checkSetting(_ word: String, after file: String) throws(CommandFailure) {
    let bare = String(word.drop { $0 == "+" })
    if word.hasPrefix("+"), bare.contains("=") {
      throw CommandFailure(
        .usage, "write \(bare): a setting needs no '+', whether or not the file has it")
    }
    if word.contains("=") { return }
    let isFile = FilePath.exists(word) || word.hasSuffix(".yaml") || word.hasSuffix(".yml")
    throw CommandFailure(
      .usage,
      isFile
        ? "there are two experiment files, \(file) and \(word): name one"
        : "'\(word)' is neither an option nor a setting: write key.path=value, such as "
          + "model.beta=4")
  }

  private func parsedOverrides(_ words: [String]) throws(Diagnostics) -> [Override] {
    var problems = Diagnostics()
    var parsed: [Override] = []
    func add(_ argument: String, _ option: String) {
      do { parsed.append(try Override(parsing: argument, option: option)) } catch {
        problems.append(contentsOf: error)
      }
    }
    for argument in overrides + words { add(argument, "--set") }
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
