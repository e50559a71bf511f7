import ArgumentParser
import ExptData
import ExptFiles
import ExptInference
import ExptTraining

/// `expt interpolate RUN`: from one image to another through the latents.
struct InterpolateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interpolate",
    abstract: "Decode the path from one image's latent to another's, as a picture.",
    usage: "expt interpolate <run> [<options>]",
    discussion: """
      One row per pair of images (the first with the second, the third with the fourth, and so \
      on): the image, the decoded path from its posterior mean to the other's, the other image. \
      Numbers go in a straight line, points of a sphere along a great circle; choices and switches \
      that differ change one after another. The decoder of a conditional model is told the first \
      image's class or factors all the way, or those of --label and --factor. Prints the path of \
      each file written.
      """)

  @OptionGroup var trained: TrainedOptions
  @OptionGroup var data: SplitOptions
  @OptionGroup var condition: ConditionOptions
  @OptionGroup var pictures: PictureOptions

  @Option(help: ArgumentHelp("Number of pairs of images.", valueName: "number"))
  var pairs = 8

  @Option(help: ArgumentHelp("Latents on the path, both ends included.", valueName: "number"))
  var steps = 10

  @Flag(
    help: "Interpolate numbers along the arc between the latents instead of the straight line.")
  var spherical = false

  func validate() throws {
    try Self.check("--pairs", pairs, in: 1...1024)
    try Self.check("--steps", steps, in: 2...1024)
  }

  func run() throws { try printing(make) }

  func make() throws -> [String] {
    let run = try trained.open()
    try condition.check(run)
    let part = try data.load(run, limit: 2 * pairs)
    guard part.count >= 2 else {
      throw CommandFailure(.data, "there is only one \(part.split) image, and a pair needs two")
    }
    try condition.report(run, whose: "each first image's")
    let kind = spherical ? "interpolations-spherical" : "interpolations"
    let targets = try pictures.targets(
      "\(kind)-\(part.split)\(condition.suffix)-\(run.stage)", of: run)
    let encodings = run.encode(part)
    let originals = run.presented(part)
    let size = run.access.image.count
    var images: [Float] = []
    for first in stride(from: 0, to: part.count - 1, by: 2) {
      let way = LatentWalks.interpolation(
        from: encodings.mean(ofImage: first), to: encodings.mean(ofImage: first + 1), steps: steps,
        spherical: spherical, in: encodings.space)
      images += originals[first * size..<(first + 1) * size]
      let own = encodings.annotations(ofImage: first, count: steps)
      images += run.access.decode(way, given: try condition.told(own, count: steps))
      images += originals[(first + 1) * size..<(first + 2) * size]
    }
    try part.images.checkRead()
    let picture = Pictures.grid(images, shape: run.access.image, columns: steps + 2)
    return try targets.write(picture)
  }
}
