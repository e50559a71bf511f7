import ArgumentParser
import ExptData
import ExptFiles
import ExptTraining

/// `expt sample RUN`: decode samples from the prior, or from a fitted sampler.
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Decode latents drawn from the prior, or from a fitted sampler, as a picture.",
    usage: "expt sample <run> [<options>]",
    discussion: """
      Shows the mean image of each latent, in a grid as close to square as possible. Needs no \
      data. Prints the path of each file written.
      """)

  @OptionGroup var trained: TrainedOptions
  @OptionGroup var pictures: PictureOptions

  @Option(
    name: [
      .customShort("s", allowingJoined: true), .customShort("n", allowingJoined: true),
      .customLong("count"),
    ],
    help: ArgumentHelp("Number of samples.", valueName: "number"))
  var count = 64

  @Option(
    help: ArgumentHelp("The seed of the latents; default: the experiment's.", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Factor on the prior's standard deviation.", valueName: "number"))
  var temperature = 1.0

  @Option(
    help: ArgumentHelp(
      "Draw from a sampler fitted by 'expt fit' instead of the prior.", valueName: "name"),
    completion: Completions.fittedSampler)
  var sampler: String?

  func validate() throws {
    if let sampler, let problem = FolderName.problem(with: sampler) {
      throw ValidationError("--sampler '\(sampler)' cannot name a file: it \(problem)")
    }
    if sampler != nil, temperature != 1 {
      throw ValidationError("--temperature scales the prior: leave it out with --sampler")
    }
    try Self.check("--count", count, in: 1...65_536)
    try Self.check("--temperature", temperature, in: 0...100)
  }

  func run() throws { try printing(make) }

  func make() throws -> [String] {
    let run = try trained.open()
    let seed = seed ?? run.experiment.seed
    let heat = temperature == 1 ? "" : "-temperature-\(temperature)"
    let latents = try draw(run, seed: seed)
    let source = sampler.map { "-\($0)" } ?? ""
    let targets = try pictures.targets(
      "samples\(source)-seed-\(seed)\(heat)-\(run.stage)", of: run)
    let images = run.access.decode(latents)
    return try targets.write(Pictures.square(images, shape: run.access.image))
  }

  private func draw(_ run: TrainedRun, seed: UInt64) throws -> [Float] {
    guard let sampler else { return try drawPrior(run, seed: seed) }
    let fitted = try run.sampler(sampler, catalog: Expt.catalog)
    if fitted.stage != run.stage {
      Console.warning(
        "the sampler '\(sampler)' was fitted to the latents of \(fitted.stage), and these weights are "
          + "those of \(run.stage): fit it again")
    }
    do { return try fitted.draw(count, seed: seed) } catch {
      throw FileProblem(.malformed, error.message + ".", path: run.folder.samplerFile(sampler))
    }
  }

  private func drawPrior(_ run: TrainedRun, seed: UInt64) throws -> [Float] {
    guard run.access.isGenerative else {
      throw CommandFailure(
        .data,
        "\(run.folder.path) is an autoencoder ('\(run.manifest.model)'): it has no prior to sample "
          + "from. 'expt fit' fits a sampler to its latents, for --sampler; 'expt interpolate' and "
          + "'expt traverse' show them")
    }
    guard temperature == 1 || run.access.space.isEuclidean else {
      throw CommandFailure(
        .usage,
        "--temperature scales latents that are numbers, and these are \(run.access.space)")
    }
    return run.access.drawPrior(count, seed: seed).map { $0 * Float(temperature) }
  }
}
