import ArgumentParser
import ExptReport
import ExptServe
import Foundation

/// `expt serve`: a page to watch, compare and explore runs.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Open a live page about runs: watch, compare, explore latents.",
    usage: "expt serve [<run or folder> ...] [<options>]",
    discussion: """
      Serves the page to browsers on this machine until Ctrl-C, and prints its address; the address \
      holds a token, and without it nothing is shown. Nothing is sent anywhere, and nothing in a run \
      folder is changed but notes.json, which holds tags and notes.

      From another machine, forward the port through SSH and open the printed address there:

        ssh -L 8642:localhost:8642 HOST expt serve --no-browser --port 8642
      """)

  @Argument(
    help: ArgumentHelp(
      "Runs, or folders of runs. Default: the folder of --runs.", valueName: "run"),
    completion: Completions.runOrFolder)
  var folders: [String] = []

  @OptionGroup var place: RunsFolderOption

  @Option(help: ArgumentHelp("The port; default: any free one.", valueName: "number"))
  var port: UInt16 = 0

  @Option(
    help: ArgumentHelp(
      "The numeric address to listen at. Any other than the default lets other machines in.",
      valueName: "address"))
  var host = "127.0.0.1"

  @Flag(help: "Do not open a browser.")
  var noBrowser = false

  func run() throws {
    do {
      let roots = try folders.isEmpty ? [place.runs] : folders.map(root)
      let settings = PageServer.Settings(
        roots: roots, host: host, port: port, catalog: Expt.catalog,
        environment: .ofProcess(quiet: true))
      if !settings.isLoopback {
        Console.warning(
          "\(host) is reached by other machines: whoever has the address with its token can look at "
            + "these runs and write notes, and what is sent is not encrypted. An SSH tunnel needs no "
            + "--host: see 'expt serve --help'")
      }
      let server = try PageServer(settings)
      Console.note(
        "\(Words.count(server.runCount, "run")) in \(roots.joined(separator: ", ")); Ctrl-C ends the page"
      )
      Console.result(server.address)
      fflush(nil)
      if !noBrowser { openBrowser(server.address) }
      StopSignal.install()
      server.run { StopSignal.isRaised }
    } catch let problem as PageServer.Problem {
      throw CommandFailure(.inputOutput, problem.message)
    } catch { throw CommandFailure(training: error) }
  }

  /// A folder, or the run that a word means.
  private func root(_ word: String) throws -> String {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: word, isDirectory: &isFolder), isFolder.boolValue {
      return word
    }
    return try place.find(word).path
  }

  private func openBrowser(_ address: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    #if os(macOS)
      process.arguments = ["open", address]
    #else
      process.arguments = ["xdg-open", address]
    #endif
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try? process.run()
  }
}
