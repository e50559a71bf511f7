import ArgumentParser
import ExptFiles
import ExptReport
import ExptRunFolder
import ExptTraining

/// `expt explain FILE`: what a model computes, and with which numbers.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show the formulas of an experiment's model with its numbers, and its layers.",
    usage: "expt explain <file> [<key.path=value> ...] [<options>]",
    discussion: """
      Prints the loss, the posterior, the prior and the likelihood as formulas, first with symbols \
      and then with the file's numbers; what each number does; and the way from image to loss with \
      shapes and parameters. With -o, writes it as a page (.html), or the way as a picture (.svg), \
      and prints the file's path. 'expt report' has the same for a run.
      """)

  @Argument(
    help: "The experiment file, or - for standard input.",
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @OptionGroup var experiment: ExperimentOptions

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("A .svg or .html file to write.", valueName: "file"),
    completion: .file(extensions: ["svg", "html"]))
  var output: String?

  @OptionGroup var overwriting: ForceOption

  @Flag(help: "Print JSON instead.")
  var json = false

  func validate() throws {
    guard let output else { return }
    if json { throw ValidationError("--json and -o cannot be combined") }
    guard output.hasSuffix(".svg") || output.hasSuffix(".html") else {
      throw ValidationError("-o \(output): name a file that ends in .svg or .html")
    }
  }

  func run() throws {
    let file = try experiment.load(ExperimentOptions.checkFile(file))
    let explanation: Explanation
    do { explanation = try file.explained(.ofProcess()) } catch {
      throw CommandFailure(training: error, file: file)
    }
    if json { return Console.result(String(explanation.json.pretty.dropLast())) }
    guard let output else { return Console.result(ExplanationText(explanation).text) }
    try printing {
      let path = try overwriting.file(output, named: "")
      let drawn = ExplanationFile(explanation, title: file.experiment.name)
      try AtomicFile.write(output.hasSuffix(".svg") ? drawn.svg : drawn.html, to: path)
      return [path]
    }
  }
}

/// An explanation as it is printed.
struct ExplanationText {
  let explanation: Explanation

  init(_ explanation: Explanation) { self.explanation = explanation }

  var text: String {
    ([formulas, numbers, way].filter { !$0.isEmpty } + [total]).joined(separator: "\n\n")
  }

  private var formulas: String {
    explanation.formulas.map { formula in
      var lines = [Console.heading("\(formula.role): \(formula.id)"), "  \(formula.summary)"]
      lines += (formula.lines + formula.linesWithNumbers).map { "    " + $0 }
      return lines.joined(separator: "\n")
    }.joined(separator: "\n")
  }

  private var numbers: String {
    guard !explanation.numbers.isEmpty else { return "" }
    var table = TerminalTable(["", "setting", "value", "what it does"])
    for number in explanation.numbers {
      table.add([number.symbol, number.setting, number.value, number.help])
    }
    return table.text
  }

  private var way: String {
    var table = TerminalTable(["part", "of", "layers", "output", .number("parameters")])
    for part in explanation.parts {
      let layers = part.layers.isEmpty ? [""] : part.layers
      for (index, layer) in layers.enumerated() {
        let isLast = index == layers.count - 1
        table.add([
          index == 0 ? part.name : "", index == 0 ? part.inputs.joined(separator: ", ") : "",
          layer, isLast ? part.output : "",
          isLast && part.parameters > 0 ? Words.grouped(part.parameters) : "",
        ])
      }
    }
    return table.text
  }

  private var total: String { explanation.total }
}
