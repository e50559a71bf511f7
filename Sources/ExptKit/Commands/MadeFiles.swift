import ArgumentParser
import ExptComponents
import ExptData
import ExptFiles
import ExptRunFolder
import ExptTraining
import Foundation

/// Where a command puts the files it makes of a run.
///
/// Without `-o` they go to `RUN/made`, where a command may make again what it made before: the name
/// says what of, and the same run gives the same file. Elsewhere nothing is written over unasked.
struct MadeFilesOptions: ParsableArguments {
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp(
      "The folder to write to, or a file with a known extension. Default: RUN/made.",
      valueName: "path"), completion: .file())
  var output: String?

  @OptionGroup var overwriting: ForceOption

  /// Whether `-o` is a file by its ending, and not a folder.
  var namesFile: Bool {
    guard let output, !output.hasSuffix("/"), !FilePath.isFolder(output) else { return false }
    return FileEndings.known(in: output) != nil
  }

  /// A file to be written.
  struct Target {
    /// `png`.
    var ending: String
    var path: String
  }

  /// Where files go, in a folder that is made if it is missing.
  ///
  /// - Parameters:
  ///   - stem: Their name in a folder, without the ending.
  ///   - endings: Those that the command can write.
  ///   - usual: Those it writes into a folder.
  /// - Returns: What to write: one file where `-o` names one.
  /// - Throws: `CommandFailure` if files exist, or are what training wrote; `FileProblem`.
  func targets(
    _ stem: String, _ endings: [String], usual: [String]? = nil, of run: RunFolder
  ) throws -> [Target] {
    guard let output else {
      return try targets(stem, usual ?? endings, in: run.file("made"), mayExist: true)
    }
    let isFolder = output.hasSuffix("/") || FilePath.isFolder(output)
    if !isFolder, let ending = endings.first(where: { output.lowercased().hasSuffix("." + $0) }) {
      return [Target(ending: ending, path: try overwriting.file(output, named: ""))]
    }
    if !isFolder, let ending = FileEndings.known(in: output), !FilePath.exists(output) {
      let offered = endings.map { "." + $0 }.joined(separator: " or ")
      throw CommandFailure(
        .usage,
        "-o \(output): no .\(ending) file is made here; name a file ending in \(offered), or a folder"
      )
    }
    return try targets(stem, usual ?? endings, in: output, mayExist: false)
  }

  private func targets(
    _ stem: String, _ endings: [String], in folder: String, mayExist: Bool
  ) throws -> [Target] {
    let targets = endings.map {
      Target(ending: $0, path: FilePath.join(folder, "\(stem).\($0)"))
    }
    try TrainingFiles.refuse(folder: folder)
    if !mayExist { try overwriting.refuse(targets.map(\.path)) }
    try ExclusiveFolder.makeAll(folder)
    return targets
  }
}

/// Where a command puts pictures.
struct PictureOptions: ParsableArguments {
  @OptionGroup var files: MadeFilesOptions

  @Flag(help: "Also write a PNG file if the run's outputs.image_formats does not include it.")
  var png = false

  /// Where a picture goes, as PGM (grey) or PPM (colour) and as PNG.
  ///
  /// - Parameter stem: Its name without the ending.
  func targets(_ stem: String, of run: TrainedRun) throws -> [MadeFilesOptions.Target] {
    var formats = run.experiment.outputs.imageFormats
    if png, !formats.contains(.png) { formats.append(.png) }
    let isColour = run.access.image[0] == 3
    return try files.targets(
      stem, ImageFormat.allCases.map { $0.ending(isColour: isColour) },
      usual: formats.map { $0.ending(isColour: isColour) }, of: run.folder)
  }
}

extension [MadeFilesOptions.Target] {
  /// Writes a picture to each.
  ///
  /// - Returns: The paths.
  func write(_ picture: Image8) throws -> [String] {
    for target in self {
      if target.ending == "png" {
        try picture.writePNG(to: target.path)
      } else {
        try picture.writePNM(to: target.path)
      }
    }
    return map(\.path)
  }
}

/// What training wrote, which nothing else may write over.
enum TrainingFiles {
  /// - Throws: `CommandFailure` if `path` is a run folder, or its images or checkpoints.
  static func refuse(folder path: String) throws(CommandFailure) {
    let whole = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let parent = FilePath.folder(of: whole)
    let isPart = ["images", "checkpoints"].contains(FilePath.name(of: whole)) && isRun(parent)
    guard isRun(whole) || isPart else { return }
    let made = FilePath.join(isPart ? parent : whole, "made")
    throw CommandFailure(
      .usage, "\(path) holds what training wrote: name another folder with -o, such as \(made)")
  }

  /// - Throws: `CommandFailure` if a file lies in a run folder, or its images or checkpoints. A
  ///   page may lie there, where training writes none.
  static func refuse(file path: String) throws(CommandFailure) {
    if path.hasSuffix(".html") { return }
    try refuse(folder: FilePath.folder(of: path))
  }

  private static func isRun(_ path: String) -> Bool {
    FilePath.exists(FilePath.join(path, "run.json"))
  }
}

/// Endings that make a name a file's, though a folder could be called so.
enum FileEndings {
  private static let all = [
    "png", "pgm", "ppm", "pnm", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff", "svg", "pdf",
    "html", "json", "yaml", "yml", "csv", "tsv", "txt", "npz", "npy", "safetensors", "onnx", "pt",
    "pth", "h5", "zip",
  ]

  /// The ending of a path where it is one of those.
  static func known(in path: String) -> String? {
    guard let dot = FilePath.name(of: path).lastIndex(of: ".") else { return nil }
    let ending = FilePath.name(of: path)[dot...].dropFirst().lowercased()
    return all.contains(ending) ? ending : nil
  }
}
