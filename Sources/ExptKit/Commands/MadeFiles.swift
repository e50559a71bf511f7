import ArgumentParser
import ExptFiles
import ExptTraining
import Foundation

/// Where a command puts the files it makes of a run.
struct MadeFilesOptions: ParsableArguments {
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The folder to write to. Default: RUN/made.", valueName: "folder"),
    completion: .directory)
  var output: String?

  /// The folder, made where it is missing.
  ///
  /// - Throws: `CommandFailure` where training wrote there; `FileProblem`.
  func folder(of trained: TrainedRun) throws -> String {
    let path = output ?? trained.folder.file("made")
    try TrainingFiles.refuse(folder: path)
    try ExclusiveFolder.makeAll(path)
    return path
  }
}

/// Where a command puts pictures.
struct PictureOptions: ParsableArguments {
  @OptionGroup var files: MadeFilesOptions

  @Flag(help: "Write a PNG file beside the PGM (grey) or PPM (colour) file.")
  var png = false

  /// Writes a picture.
  ///
  /// - Parameter path: Without its extension.
  /// - Returns: The paths written.
  func write(_ picture: Image8, to path: String) throws -> [String] {
    let plain = path + (picture.channels == 3 ? ".ppm" : ".pgm")
    try picture.writePNM(to: plain)
    guard png else { return [plain] }
    try picture.writePNG(to: path + ".png")
    return [plain, path + ".png"]
  }
}

/// What training wrote, which nothing else may write over.
enum TrainingFiles {
  /// - Throws: `CommandFailure` where `path` is a run folder, or its images or checkpoints.
  static func refuse(folder path: String) throws(CommandFailure) {
    let whole = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let parent = FilePath.folder(of: whole)
    let isPart = ["images", "checkpoints"].contains(FilePath.name(of: whole)) && isRun(parent)
    guard isRun(whole) || isPart else { return }
    let made = FilePath.join(isPart ? parent : whole, "made")
    throw CommandFailure(
      .usage, "\(path) holds what training wrote: name another folder with -o, such as \(made)")
  }

  private static func isRun(_ path: String) -> Bool {
    FilePath.exists(FilePath.join(path, "run.json"))
  }
}
