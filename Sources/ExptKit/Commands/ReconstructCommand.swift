import ArgumentParser
import ExptData
import ExptFiles
import ExptInference
import ExptTraining

/// `expt reconstruct RUN`: images and what the model makes of them.
struct ReconstructCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconstruct",
    abstract: "Write images above their reconstructions, as a picture; rows of a table as CSV.",
    usage: "expt reconstruct <run> [<options>]",
    discussion: """
      Decodes the posterior mean (an autoencoder's code; of choices the most probable values) of \
      the first images; with --draws, the reconstructions are draws from the likelihood, not its \
      means. With --samples, averages what is decoded from samples of the posterior, each weighed by \
      its importance; of a model with missing pixels this fills them in, and leaves the others as \
      they are. With --npz, also \
      writes both as numbers in 0 … 1: images and reconstructions, [count, channels, height, \
      width]. Of a table with named columns it writes a CSV file in place of the picture, with the user's \
      columns, units and levels: what the model makes of each row; and, where cells are missing, a second one \
      (filled), with the cells of the file as they are, the missing ones filled in, and their columns named \
      under imputed. The decoder of a conditional model is told each image's own class or factors, or those of \
      --label and --factor; the encoder always its own. Prints the path of each file written.
      """)

  @OptionGroup var trained: TrainedOptions
  @OptionGroup var data: SplitOptions
  @OptionGroup var condition: ConditionOptions
  @OptionGroup var pictures: PictureOptions
  @OptionGroup var drawing: DrawsOption

  @Option(
    name: .short("n", "count"),
    help: ArgumentHelp("Number of images.", valueName: "number"))
  var count = 64

  @Option(
    name: .short("s", "samples"),
    help: ArgumentHelp(
      "Average this many samples of each image, weighed by importance, in place of the mean.",
      valueName: "number"))
  var samples: Int?

  @Flag(help: "Also write the images and reconstructions as numbers, in an NPZ file.")
  var npz = false

  func validate() throws {
    try Self.check("--count", count, in: 1...65_536)
    try Self.check("--samples", samples, in: 1...100_000)
  }

  func run() throws { try printing(make) }

  func make() throws -> [String] {
    if npz, pictures.files.namesFile {
      throw CommandFailure(
        .usage, "--npz writes a picture and an array: name a folder with -o")
    }
    let run = try trained.open()
    try condition.check(run)
    let part = try data.load(run, limit: count)
    let drawn = samples.map { "-of-\($0)" } ?? ""
    let kind = try "reconstructions-\(part.split)\(condition.suffix)\(drawing.suffix)"
    let stem = "\(kind)-\(run.stage)\(drawn)"
    if let table = try TableCSV(part, of: run) { return try write(table, part, run, stem) }
    let targets = try pictures.targets(stem, of: run)
    let arrays = npz ? try pictures.files.targets(stem, ["npz"], of: run.folder) : []
    let images = run.presented(part)
    let reconstructions = try reconstructed(part, by: run)
    try part.images.checkRead()
    let written = try targets.write(
      Pictures.pairs(images, reconstructions, shape: run.access.image))
    try write(images, reconstructions, part, run, to: arrays)
    return written + arrays.map(\.path)
  }

  private func write(
    _ images: [Float], _ reconstructions: [Float], _ part: TrainedData.Part, _ run: TrainedRun,
    to arrays: [MadeFilesOptions.Target]
  ) throws {
    let shape = [part.count] + run.access.image.dimensions
    for target in arrays {
      try NPZ.write(
        [
          ("images", NPYArray(shape: shape, floats: images)),
          ("reconstructions", NPYArray(shape: shape, floats: reconstructions)),
        ], to: target.path)
    }
  }

  /// The rows of a table, in the user's units.
  private func write(
    _ table: TableCSV, _ part: TrainedData.Part, _ run: TrainedRun, _ stem: String
  ) throws -> [String] {
    let hasMissing = (0..<part.count).contains { example in
      (0..<table.table.shape.count).contains { !table.isObserved(example, $0) }
    }
    let files = pictures.files
    let filled = "filled" + stem.dropFirst("reconstructions".count)
    let made = try files.targets(stem, npz ? ["csv", "npz"] : ["csv"], of: run.folder)
    let whole =
      hasMissing && !files.namesFile ? try files.targets(filled, ["csv"], of: run.folder) : []
    let reconstructions = try reconstructed(part, by: run)
    for target in made where target.ending == "csv" {
      try table.writeReconstructions(reconstructions, to: target.path)
    }
    for target in whole { try table.writeFilled(reconstructions, to: target.path) }
    try write(
      run.presented(part), reconstructions, part, run, to: made.filter { $0.ending == "npz" })
    return (made + whole).map(\.path)
  }

  private func reconstructed(_ part: TrainedData.Part, by run: TrainedRun) throws -> [Float] {
    try samples.map { try weighed(part, by: run, samples: $0) } ?? decoded(part, by: run)
  }

  private func decoded(_ part: TrainedData.Part, by run: TrainedRun) throws -> [Float] {
    let encodings = run.encode(part)
    try condition.report(run, whose: "each image's own")
    return try drawing.decode(
      encodings.points, given: condition.told(encodings.annotations, count: part.count),
      seed: run.experiment.seed, run)
  }

  private func weighed(
    _ part: TrainedData.Part, by run: TrainedRun, samples: Int
  ) throws -> [Float] {
    guard try condition.suffix.isEmpty else {
      throw CommandFailure(
        .usage,
        "--samples weighs samples by each image's own class or factors: leave out the others")
    }
    guard
      let images = run.access.reconstruct(
        part.images, part.range, samples: samples, seed: 0)
    else {
      throw CommandFailure(
        .usage, "--samples weighs samples by their densities, and '\(run.manifest.model)' has none")
    }
    return images
  }
}
