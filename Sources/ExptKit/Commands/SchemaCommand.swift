import ArgumentParser
import ExptComponents
import ExptTraining

/// `expt schema`: a JSON Schema of experiment files, for editors.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print a JSON Schema of experiment files, for an editor's YAML plugin.",
    discussion: """
      For editors that use the YAML language server, save it and put this line at the top of an \
      experiment file: # yaml-language-server: $schema=expt.schema.json
      """)

  func run() throws { Console.result(ExperimentSchema.json(catalog: Expt.catalog)) }
}
