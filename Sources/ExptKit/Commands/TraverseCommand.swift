import ArgumentParser
import ExptComponents
import ExptData
import ExptFiles
import ExptInference
import ExptReport
import ExptTraining

/// `expt traverse RUN`: what each latent dimension does.
struct TraverseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "traverse",
    abstract: "Decode an image's latent with one dimension changed at a time, as a picture.",
    usage: "expt traverse <run> [<options>]",
    discussion: """
      One row per dimension: those with the highest KL first, or those of --dimensions in the \
      given order; stderr lists the rows. Values go from −range to range, in standard deviations \
      of the prior N(0, I); under any other prior, and for a plain autoencoder, they are centred on the \
      dimension's mean, in its own standard deviations. A choice takes each of its values, a switch \
      0 and 1; a sphere has a row for each axis, from 90° behind the latent to 90° towards the axis. A \
      place of a grid of codes takes code after code, of many the first \(LatentWalks.mostValues); places \
      are in their order, as their numbers mean nothing. \
      Dimensions are ranked on the first 1,000 images. The decoder of a conditional model is told the \
      image's own class or factors, or those of --label and --factor. Prints the path of each file \
      written.
      """)

  @OptionGroup var trained: TrainedOptions
  @OptionGroup var data: SplitOptions
  @OptionGroup var condition: ConditionOptions
  @OptionGroup var pictures: PictureOptions

  @Option(
    help: ArgumentHelp(
      "Dimensions, counted from 0: all, or a list such as 3,7,0. Default: the 20 with the highest KL.",
      valueName: "list"))
  var dimensions: String?

  @Option(help: ArgumentHelp("How far to go in either direction.", valueName: "number"))
  var range = 3.0

  @Option(help: ArgumentHelp("Number of values per dimension.", valueName: "number"))
  var steps = 11

  @Option(help: ArgumentHelp("The image to start from, counted from 0.", valueName: "number"))
  var image = 0

  func validate() throws {
    try Self.check("--range", range, in: 0...1000)
    try Self.check("--steps", steps, in: 2...1024)
    try Self.check("--image", image, in: 0...Int(Int32.max))
    _ = try numbers()
  }

  func run() throws { try printing(make) }

  func make() throws -> [String] {
    let run = try trained.open()
    try condition.check(run)
    let part = try data.load(run, limit: max(1000, image + 1))
    guard image < part.count else {
      throw CommandFailure(
        .usage, "--image \(image): there are \(part.count) \(part.split) images, counted from 0")
    }
    let targets = try pictures.targets(
      "traversals-\(part.split)-\(image)\(condition.suffix)-\(run.stage)", of: run)
    let encodings = run.encode(part)
    let rows = try chosen(encodings.dimensions, isRanked: !encodings.space.isNumbered)
    if let most = rows.map(\.unit.size).max(), most > LatentWalks.mostValues,
      encodings.space.isOfCodes
    {
      Console.note("each row shows the first \(LatentWalks.mostValues) of \(most) codes")
    }
    let traversal = LatentWalks.traversal(
      of: encodings.mean(ofImage: image), along: rows, range: range, steps: steps,
      in: encodings.space)
    let own = encodings.annotations(ofImage: image, count: traversal.count)
    let images = run.access.decode(
      traversal.latents, given: try condition.told(own, count: traversal.count))
    let picture = Pictures.grid(
      traversal.filled(images, size: run.access.image.count), shape: run.access.image,
      columns: traversal.columns)
    try condition.report(run, whose: "the image's own")
    Console.note(table(traversal.rows))
    return try targets.write(picture)
  }

  /// The dimensions asked for; nil: the most important; empty: all.
  private func numbers() throws -> [Int]? {
    guard let dimensions else { return nil }
    if dimensions == "all" { return [] }
    return try dimensions.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let number = Int(word), number >= 0 else {
        throw ValidationError(
          "--dimensions \(dimensions): write all, or numbers from 0 with commas between")
      }
      return number
    }
  }

  private func chosen(_ all: [LatentDimension], isRanked: Bool) throws -> [LatentDimension] {
    let sorted = isRanked ? all.byImportance : all
    guard let numbers = try numbers() else { return Array(sorted.prefix(20)) }
    if let unknown = numbers.first(where: { $0 >= all.count }) {
      throw CommandFailure(
        .usage,
        "--dimensions \(unknown): the latents have \(all.count) dimensions, counted from 0")
    }
    if numbers.isEmpty { return sorted }
    return numbers.compactMap { number in all.first { $0.number == number } }
  }

  private func table(_ rows: [Traversal.Row]) -> String {
    var table = TerminalTable([
      .number("row"), .number("dimension"), .number("KL"), .number("variance"),
    ])
    for (place, row) in rows.enumerated() {
      table.add([
        "\(place + 1)", row.name, row.dimension.kl.map { Format.fixed($0, 3) } ?? "–",
        row.dimension.unit.kind == .code ? "–" : Format.fixed(row.dimension.variance, 3),
      ])
    }
    return table.text
  }
}
