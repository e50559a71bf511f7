import ArgumentParser
import ExptBuiltins
public import ExptComponents
import ExptDocument
import ExptTensor

/// The program: its commands, and the components that experiment files can name.
///
/// A package with components of its own has an executable of two lines:
///
///     import ExptKit
///     Expt.main(adding: [MyModel.self])
public enum Expt {
  /// Runs the command that the arguments name, with the built-in components and these.
  ///
  /// Exits with a code of sysexits: see `ExitStatus`. It is no `async` function, because those wait
  /// for a thread of a pool, for ever where the system grants none.
  public static func main(adding components: [any Component.Type] = []) -> Never {
    StandardStreams.prepare()
    let catalog: Catalog
    do { catalog = try Catalog(Catalog.builtins, adding: components) } catch {
      Console.note(error.rendered)
      ExitStatus.software.exit()
    }
    if let problem = selectInstructionSet() {
      Console.error(problem)
      ExitStatus.usage.exit()
    }
    $catalog.withValue(catalog) { runCommand() }
    ExitStatus.done.exit()
  }

  /// The components that commands see.
  @TaskLocal static var catalog = Catalog()

  private static func runCommand() {
    do {
      let arguments = try ExpandedArguments.expand(Array(CommandLine.arguments.dropFirst()))
      var command = try RootCommand.parseAsRoot(arguments)
      try command.run()
    } catch let failure as CommandFailure {
      if failure.isRendered {
        Console.note(failure.message)
      } else {
        Console.error(failure.message)
      }
      failure.status.exit()
    } catch {
      // The help and the version come as errors too.
      let text = RootCommand.fullMessage(for: error)
      let code = RootCommand.exitCode(for: error)
      if code.isSuccess {
        Console.result(text)
        ExitStatus.done.exit()
      }
      Console.note(text)
      (ExitStatus(rawValue: code.rawValue) ?? .software).exit()
    }
  }

  /// `EXPT_ISA` forces an instruction set.
  private static func selectInstructionSet() -> String? {
    guard let name = Environment["EXPT_ISA"], !name.isEmpty else { return nil }
    let available = InstructionSet.available.map(\.rawValue).joined(separator: ", ")
    guard let set = InstructionSet(rawValue: name), set.select() else {
      return "EXPT_ISA=\(name): this machine can run \(available)"
    }
    return nil
  }
}

struct RootCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "expt",
    abstract: "Runs autoencoder experiments that YAML files declare.",
    discussion: "'expt FILE' is short for 'expt run FILE'.",
    version: Version.text,
    subcommands: [
      RunCommand.self, CheckCommand.self, DescribeCommand.self, SchemaCommand.self,
      EvaluateCommand.self, ReconstructCommand.self, SampleCommand.self, InterpolateCommand.self,
      TraverseCommand.self, EncodeCommand.self, RunsCommand.self, CompareCommand.self,
      DiffCommand.self, ReportCommand.self, ExportCommand.self, SweepCommand.self,
      BenchCommand.self,
    ],
    defaultSubcommand: RunCommand.self)
}
