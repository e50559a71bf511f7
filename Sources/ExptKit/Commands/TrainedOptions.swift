import ArgumentParser
import ExptComponents
import ExptFiles
import ExptRunFolder
import ExptTensor
import ExptTraining

/// The options of every command that works on a run's model.
struct TrainedOptions: ParsableArguments {
  @Argument(
    help:
      "The run, finished or not: a path, a name, the beginning of its folder's name, or 'latest'.",
    completion: Completions.run)
  var run: String

  @OptionGroup var place: RunsFolderOption

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The weights to use: best, last, or an epoch's number. Default: best if the run has "
        + "validation images, else last.", valueName: "checkpoint"),
    completion: Completions.checkpoint)
  var checkpoint: String?

  @OptionGroup var choice: WeightsOption

  @OptionGroup var threading: ThreadsOption

  func validate() throws {
    if let checkpoint, CheckpointStore.Name(checkpoint) == nil {
      throw ValidationError(
        "--checkpoint \(checkpoint): write best, last, an epoch's number, or epoch-0010")
    }
  }

  /// Opens the run and says on stderr which weights are used, and what they were trained on where
  /// that is a substitute.
  func open() throws -> TrainedRun {
    let trained = try TrainedRun.open(
      place.find(run).path, checkpoint: checkpoint.flatMap(CheckpointStore.Name.init),
      weights: choice.weights, threads: threading.count, catalog: Expt.catalog)
    let position = trained.position
    Console.note(
      "checkpoint \(trained.checkpoint) of \(trained.folder.path): "
        + "epoch \(position.epoch), step \(position.step)"
        + (trained.weights == .average ? ", averaged weights" : ""))
    if let warning = trained.network.run.pool.shortage { Console.warning(warning) }
    let data = trained.manifest.dataset
    if let wanted = data.substitutedFor {
      Console.warning("this run was trained on '\(data.name)' IN PLACE OF '\(wanted)'")
    }
    trained.concerns.forEach(Console.warning)
    return trained
  }
}

/// Which weights of a checkpoint to use.
struct WeightsOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "ema, the moving average of the weights, or trained. Default: ema if the run keeps one "
        + "(training.ema).", valueName: "kind"))
  var weights: WeightsKind?
}

extension WeightsKind: ExpressibleByArgument {}

/// Which images a command takes from the run's data.
struct SplitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The images. Default: test, or validation if there are no test images.",
      valueName: "split"))
  var split: Split?

  /// Loads the run's data.
  ///
  /// - Parameters:
  ///   - limit: Take the first N images; nil: all.
  ///   - isWhole: Whether all their pixels will be in memory together.
  func load(
    _ trained: TrainedRun, limit: Int?, isWhole: Bool = true
  ) throws -> TrainedData.Part {
    let data = try trained.data(.ofProcess(), warn: Console.warning)
    let part = try data.part(split, limit: limit, isWhole: isWhole)
    if split == nil, part.split != .test {
      Console.note("'\(data.name)' has no test images: using the \(part.split) images")
    }
    return part
  }
}

extension Split: ExpressibleByArgument {}

extension ParsableArguments {
  /// - Throws: A sentence naming the option where the value is out of range.
  static func check<Value: Comparable>(
    _ option: String, _ value: Value?, in range: ClosedRange<Value>
  ) throws {
    guard let value, !range.contains(value) else { return }
    throw ValidationError(
      "\(option) \(value): it must be from \(range.lowerBound) to \(range.upperBound)")
  }
}

extension ParsableCommand {
  /// Prints what `make` returns, a line each, on stdout.
  ///
  /// - Throws: `CommandFailure`, whatever went wrong.
  func printing(_ make: () throws -> [String]) throws {
    do {
      for line in try make() { Console.result(line) }
    } catch { throw CommandFailure(training: error) }
  }
}
