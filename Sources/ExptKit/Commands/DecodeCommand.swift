import ArgumentParser
import ExptComponents
import ExptData
import ExptFiles
import ExptInference
import ExptTraining

/// `expt decode RUN --latent …`: what the model makes of latents.
struct DecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Decode latents that are given as numbers, as a picture.",
    usage: "expt decode <run> --latent <list> [<options>]",
    discussion: """
      Each --latent is one image: as many numbers as the latents have, with commas between. Write \
      --latent=-1,0.5 where the first is negative. Choices, switches and spheres take the nearest \
      point. With --grid three latents are the upper left, the upper right and the lower left corner of a \
      grid, as the manifold of a model with two latents is drawn: --latent=-2,2 --latent=2,2 \
      --latent=-2,-2 --grid 20. A conditional model is told --label and --factor, by default the class 0 and factors of 0. \
      Needs no data. The live page ('expt serve') gives these commands for what it shows. Prints the \
      path of each file written.
      """)

  @OptionGroup var trained: TrainedOptions
  @OptionGroup var condition: ConditionOptions
  @OptionGroup var pictures: PictureOptions

  @Option(
    name: .customLong("latent"), parsing: .singleValue,
    help: ArgumentHelp("A latent; repeatable.", valueName: "list"))
  var written: [String] = []

  @Option(help: ArgumentHelp("Images in a row; default: all.", valueName: "number"))
  var columns: Int?

  @Option(
    help: ArgumentHelp(
      "Decode N × N latents over the plane that three latents are corners of.", valueName: "number")
  )
  var grid: Int?

  func validate() throws {
    try Self.check("--columns", columns, in: 1...65_536)
    try Self.check("--grid", grid, in: 2...256)
    guard !written.isEmpty else { throw ValidationError("give at least one --latent") }
    if grid != nil, written.count != 3 || columns != nil {
      throw ValidationError(
        "--grid takes three --latent (the upper left, upper right and lower left corner) and no --columns"
      )
    }
    _ = try rows()
  }

  func run() throws { try printing(make) }

  func make() throws -> [String] {
    let run = try trained.open()
    try condition.check(run)
    let rows = try rows()
    let width = run.access.space.width
    if let wrong = rows.first(where: { $0.count != width }) {
      throw CommandFailure(
        .usage, "--latent has \(wrong.count) numbers, and the latents of this model \(width)")
    }
    let latents = latents(rows, run.access.space)
    let count = latents.count / max(1, width)
    let told = run.access.told
    let own = Annotations(
      labels: told.classes.map { _ in Array(repeating: 0, count: count) },
      factors: told.factors.map { ($0, Array(repeating: 0, count: count)) })
    let targets = try pictures.targets(
      "decoded\(condition.suffix)-\(run.stage)", of: run)
    let images = run.access.decode(latents, given: try condition.told(own, count: count))
    return try targets.write(
      Pictures.grid(images, shape: run.access.image, columns: grid ?? columns ?? count))
  }

  private func latents(_ rows: [[Float]], _ space: LatentSpace) -> [Float] {
    guard let grid else { return space.points(nearest: rows.flatMap(\.self)) }
    return LatentWalks.grid((rows[0][...], rows[1][...], rows[2][...]), size: grid, in: space)
  }

  private func rows() throws -> [[Float]] {
    try written.map { list in
      try list.split(separator: ",", omittingEmptySubsequences: false).map { word in
        guard let number = Float(word), number.isFinite else {
          throw ValidationError(
            "--latent \(list.prefix(60)): write numbers with commas between, such as 0.5,-1.2")
        }
        return number
      }
    }
  }
}
