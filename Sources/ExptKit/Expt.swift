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
  /// Exits with a code of sysexits: see `ExitStatus`. It is not an `async` function, because those wait
  /// for a thread of a pool, forever if the system grants none.
  public static func main(adding components: [any Component.Type] = []) -> Never {
    StandardStreams.prepare()
    AlignedMemory.returnLargeBlocks()
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
      let given = Array(CommandLine.arguments.dropFirst())
      // A shell asks for completions with a line that is not finished.
      let isCompletion = given.first == "---completion"
      let arguments = isCompletion ? given : try ExpandedArguments.expand(given)
      guard let first = arguments.first else {
        return Console.result(RootCommand.helpMessage(columns: Console.helpWidth))
      }
      try MisspeltCommand.refuse(first)
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
      conclude(error)
    }
  }

  /// Help that was asked for is a result; a wrong command line is an error like any other, with a
  /// pointer to the help instead of the whole usage.
  private static func conclude(_ error: any Error) -> Never {
    guard RootCommand.exitCode(for: error) != .success else {
      Console.result(RootCommand.fullMessage(for: error, columns: Console.helpWidth))
      ExitStatus.done.exit()
    }
    let problem = UsageProblem(error)
    Console.error(problem.sentence)
    if let advice = problem.advice { Console.note(advice) }
    ExitStatus.usage.exit()
  }

  /// `EXPT_ISA` forces an instruction set.
  private static func selectInstructionSet() -> String? {
    guard let name = Environment["EXPT_ISA"], !name.isEmpty else { return nil }
    let available = InstructionSet.available.map(\.rawValue).joined(separator: ", ")
    guard let set = InstructionSet(rawValue: name), set.select() else {
      return "EXPT_ISA=\(name): this machine supports \(available)"
    }
    return nil
  }
}

struct RootCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "expt",
    abstract: "Runs autoencoder experiments described in YAML files.",
    usage: """
      expt <file> [<key.path=value> ...] [<options>]
      expt <command> [<options>]
      """,
    discussion: """
      'expt FILE' is short for 'expt run FILE', and 'expt FILE model.beta=4' for \
      'expt run FILE --set model.beta=4'. A file called - is standard input.

      'expt COMMAND --help' describes a command in full.

      A RUN is the path of a run folder, an experiment's name (its newest run), the start of a \
      run folder's name if it is unique, or 'latest'. Names are looked up in the folder of \
      --runs, by default 'runs'.

      Results go to stdout, everything else to stderr. Exit codes: \(ExitStatus.described).
      """,
    version: Version.text,
    subcommands: [
      InitCommand.self, RunCommand.self, CheckCommand.self, ExplainCommand.self,
      DescribeCommand.self,
      SchemaCommand.self, LRCommand.self,
      EvaluateCommand.self, ScoreCommand.self, UDRCommand.self, ReconstructCommand.self,
      SampleCommand.self, FitCommand.self,
      InterpolateCommand.self, TraverseCommand.self, DecodeCommand.self, EncodeCommand.self,
      RunsCommand.self, TagCommand.self, NoteCommand.self, PinCommand.self, ArchiveCommand.self,
      RemoveCommand.self,
      CompareCommand.self, DiffCommand.self, CurvesCommand.self, AxesCommand.self,
      ReportCommand.self,
      ServeCommand.self, ExportCommand.self, SweepCommand.self, VerifyCommand.self,
      BenchCommand.self,
    ],
    defaultSubcommand: RunCommand.self)
}
