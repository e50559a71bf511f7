import ArgumentParser
import ExptBuiltins
import ExptComponents
import ExptDocument
import ExptFiles
import ExptReport
import ExptTraining

/// `expt init [NAME]`: writes an experiment file to begin with.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write an experiment file to begin with: for your data, or from an example.",
    usage: """
      expt init
      expt init [<name>] --data <path>
      expt init [<name>] --example <example>
      """,
    discussion: """
      With --data it looks at a folder of pictures, at a .npy, .npz or IDX file, or at a .csv table, and \
      writes an experiment that fits: how the data are read, likelihood, architecture and epochs, each with \
      its reason. Without arguments it lists the examples that come with the program.

      The file is NAME.yaml, by default named after the data or the example, and its path is printed to \
      stdout. A NAME of - prints the file itself instead.
      """)

  @Argument(help: "The experiment's name, or the file to write; - for standard output.")
  var name: String?

  @Option(
    help: ArgumentHelp("What it is to learn: a folder or a file.", valueName: "path"),
    completion: .file())
  var data: String?

  @Option(
    help: ArgumentHelp("The example to copy; 'expt init' lists them.", valueName: "example"),
    completion: .list(IncludedExample.all.map(\.name)))
  var example: String?

  @OptionGroup var overwriting: ForceOption

  func validate() throws {
    if data != nil, example != nil {
      throw ValidationError("--data and --example cannot be combined")
    }
  }

  func run() throws {
    if let data { return try write(try StartingPlace(name, else: data), from: data) }
    guard let name = name ?? example else { return Console.result(Self.overview) }
    let place = try StartingPlace(name, else: example ?? "")
    if let example { return try copy(try found(example), to: place) }
    if let example = IncludedExample.named(place.experiment) {
      return try copy(example, to: place)
    }
    try write(place, found: .digits)
  }

  private func write(_ place: StartingPlace, from data: String) throws {
    do {
      try write(place, found: .look(data, environment))
    } catch {
      throw CommandFailure(training: error)
    }
  }

  private func write(_ place: StartingPlace, found: FoundData) throws {
    try refuse([place.path].compactMap(\.self))
    let file: StartingFile
    do {
      file = try StartingFile(found, named: place.experiment, environment, Expt.catalog)
    } catch {
      throw CommandFailure(training: error)
    }
    try finish(place, [(place.path, file.text(at: place.path ?? place.experiment + ".yaml"))])
    Console.note("found \(file.title)")
    for remark in found.remarks { Console.note(remark) }
    advise(place, "a first run takes \(file.time) on two cores, by an estimate")
  }

  private func copy(_ example: IncludedExample, to place: StartingPlace) throws {
    let base = place.path.flatMap { path in
      example.base.map { (FilePath.join(FilePath.folder(of: path), $0.name + ".yaml"), $0.text) }
    }
    // What it extends may be there already.
    let isThere = base.flatMap { try? FileBytes.readText($0.0) } == base?.1
    let others = base.map { isThere ? [] : [$0] } ?? []
    try refuse(others.map(\.0) + [place.path].compactMap(\.self))
    try finish(place, others + [(place.path, example.text(named: place.experiment))])
    for (path, _) in others { Console.note("also wrote \(path), which it extends") }
    advise(place, example.summary)
  }

  /// - Throws: `CommandFailure` if a file of the user's would be lost.
  private func refuse(_ paths: [String]) throws(CommandFailure) {
    guard !overwriting.force, let taken = paths.first(where: FilePath.exists) else { return }
    throw CommandFailure(
      .usage, "\(taken) already exists: give another name, or overwrite it with --force")
  }

  /// Writes files, or prints the last one where there is no path.
  private func finish(_ place: StartingPlace, _ files: [(String?, String)]) throws {
    do {
      for (path, text) in files {
        guard let path else {
          Console.result(String(text.dropLast()))
          continue
        }
        try ExclusiveFolder.makeAll(FilePath.folder(of: path))
        try AtomicFile.write(text, to: path)
      }
    } catch {
      throw CommandFailure(training: error)
    }
    if let path = place.path { Console.path(path) }
  }

  private func advise(_ place: StartingPlace, _ sentence: String) {
    Console.note(sentence)
    guard let path = place.path else { return }
    let file = ShellWord.quoted(path)
    Console.note("look at it:  expt check \(file)\ntrain it:    expt \(file)")
  }

  private func found(_ name: String) throws(CommandFailure) -> IncludedExample {
    if let example = IncludedExample.named(name) { return example }
    let meant = closestMatch(to: name, among: IncludedExample.all.map(\.name))
    throw CommandFailure(
      .usage,
      "there is no example '\(name)': "
        + (meant.map { "did you mean '\($0)'?" } ?? "'expt init' lists them"))
  }

  private var environment: DataEnvironment {
    DataEnvironment.looking { environment in
      [data.flatMap { DataFile(WrittenPath(literal: $0), environment) }].compactMap(\.self)
    }
  }

  private static var overview: String {
    var examples = TerminalTable([.init("example", isKept: true), "what it is"])
    for example in IncludedExample.all { examples.add([example.name, example.summary]) }
    return """
      To begin with your own data, a folder of pictures, a .npy, .npz or IDX file, or a .csv table:

          expt init my_model --data PATH

      or from an example, which becomes a file of its own:

          expt init --example vae_mnist

      or with drawn digits, to see how a file is written:

          expt init my_model

      \(examples.wrapped(Console.listWidth))
      """
  }
}
