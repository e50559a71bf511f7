import ArgumentParser
import ExptData
import ExptFiles
import ExptTraining

/// `expt reconstruct RUN`: images and what the model makes of them.
struct ReconstructCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconstruct",
    abstract: "Write images above their reconstructions, as a picture.",
    discussion: """
      Decodes the posterior mean (an autoencoder's code) of the first images. Prints the path of \
      each file it wrote.
      """)

  @OptionGroup var trained: TrainedOptions
  @OptionGroup var data: SplitOptions
  @OptionGroup var pictures: PictureOptions

  @Option(help: "Images.")
  var count = 64

  func validate() throws { try Self.check("--count", count, in: 1...65_536) }

  func run() throws { try printing(make) }

  func make() throws -> [String] {
    let run = try trained.open()
    let part = try data.load(run, limit: count)
    let folder = try pictures.files.folder(of: run)
    let reconstructions = run.access.decode(run.encode(part).mean)
    let picture = Pictures.pairs(
      run.presented(part), reconstructions, shape: run.access.image, columns: 16)
    return try pictures.write(
      picture, to: FilePath.join(folder, "reconstructions-\(part.split)-\(run.stage)"))
  }
}
