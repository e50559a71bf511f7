import ArgumentParser
import ExptReport
import ExptRunFolder
import ExptTensor

/// Where runs are, for commands that take a RUN by its name.
struct RunsFolderOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("The folder that holds runs.", valueName: "folder"), completion: .directory)
  var runs: String = "runs"

  /// The run that a person means; see `RunFinder`.
  func find(_ word: String) throws -> RunFolder { try RunFinder(runs).find(word) }

  /// The runs that words mean, each a run or a folder of runs.
  func records(_ words: [String]) throws -> [RunRecord] { try RunFinder(runs).records(words) }
}

extension NameSpecification {
  /// The names of a number: `-t4`, `-t 4` and `--threads 4`.
  static func short(_ letter: Character, _ name: String) -> NameSpecification {
    [.customShort(letter, allowingJoined: true), .customLong(name)]
  }
}

/// How many threads compute.
struct ThreadsOption: ParsableArguments {
  @Option(
    name: .short("t", "threads"),
    help: ArgumentHelp(
      "Number of threads; default: one per available processor.", valueName: "number"))
  var threads: Int?

  var count: Int { threads ?? ThreadPool.usableProcessors }

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be from 1 to 1024")
    }
  }
}
