import ArgumentParser
import ExptComponents
import ExptDocument
import ExptReport
import ExptTensor
import ExptTraining

/// `expt check FILE`: validates and shows what would run.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Validate an experiment file and show what it resolves to, without training.",
    usage: "expt check <file> [<key.path=value> ...] [<options>]",
    discussion: """
      Prints every setting with its origin, the layers with shapes, the memory, and what is known of the \
      data: files, counts by class, range and histogram of the values, what the likelihood takes, and \
      images that are there twice. Nothing is downloaded, and of a large folder of pictures some are \
      looked at, which it says.
      """)

  @Argument(
    help: "The experiment file, or - for standard input.",
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @OptionGroup var experiment: ExperimentOptions

  @Flag(help: "Print JSON instead: settings with their origins, layers, parameters, memory, data.")
  var json = false

  func run() throws {
    try Check.print(experiment.load(ExperimentOptions.checkFile(file)), json: json)
  }
}

/// What `expt check` and `expt run --dry-run` print.
enum Check {
  static func print(_ file: ExperimentFile, json: Bool = false) throws {
    let (blueprint, data): (Blueprint, DataSection)
    do {
      blueprint = try file.validated(.ofProcess())
      data = try file.look()
    } catch {
      throw CommandFailure(training: error, file: file)
    }
    if json { return Console.result(String(CheckJSON.of(file, blueprint, data).pretty.dropLast())) }
    Console.result(file.resolved)
    Console.result(layerTable(blueprint.layers))
    Console.result(memory(blueprint))
    Console.result(data.text)
  }

  private static func layerTable(_ layers: [LayerSummary]) -> String {
    var table = TerminalTable(["layer", "kind", "output", .number("parameters")])
    for layer in layers {
      table.add([
        layer.path, layer.kind, layer.output.description,
        Format.grouped(Double(layer.parameterCount)),
      ])
    }
    return table.text
  }

  private static func memory(_ blueprint: Blueprint) -> String {
    """
    images      \(blueprint.image) each
    parameters  \(Format.grouped(Double(blueprint.parameterCount)))
    memory      parameters, gradients and optimizer \(Format.bytes(blueprint.parameterBytes)), \
    a training step \(Format.bytes(blueprint.stepBytes)); the images are extra
    """
  }
}
