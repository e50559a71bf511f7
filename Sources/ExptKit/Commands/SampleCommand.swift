import ArgumentParser
import ExptData
import ExptFiles
import ExptTraining

/// `expt sample RUN`: decode samples from the prior.
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Decode latents drawn from the prior, as a picture.",
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

  func validate() throws {
    try Self.check("--count", count, in: 1...65_536)
    try Self.check("--temperature", temperature, in: 0...100)
  }

  func run() throws { try printing(make) }

  func make() throws -> [String] {
    let run = try trained.open()
    guard run.access.isGenerative else {
      throw CommandFailure(
        .data,
        "\(run.folder.path) is an autoencoder ('\(run.manifest.model)'): it has no prior to sample "
          + "from. 'expt interpolate' and 'expt traverse' show its latents")
    }
    let seed = seed ?? run.experiment.seed
    let heat = temperature == 1 ? "" : "-temperature-\(temperature)"
    let targets = try pictures.targets("samples-seed-\(seed)\(heat)-\(run.stage)", of: run)
    let latents = run.access.drawPrior(count, seed: seed)
    let images = run.access.decode(latents.map { $0 * Float(temperature) })
    return try targets.write(Pictures.square(images, shape: run.access.image))
  }
}
