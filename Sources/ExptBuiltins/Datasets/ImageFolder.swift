import ExptComponents
import ExptFiles

/// The images in a folder, in the order of their names, or of their folders' names and theirs.
struct ImageFolder: Sendable {
  struct File: Sendable {
    var path: String
    var label: Int32?
  }

  let path: String
  /// Never empty.
  let files: [File]
  /// The names of the sub-folders that hold images, sorted; empty where the images are not in any.
  let classes: [String]

  /// - Throws: `missing` where there is no such folder, `malformed` where it holds no images or some
  ///   are in sub-folders and others are not.
  init(_ path: String) throws(DataProblem) {
    self.path = path
    guard FilePath.isFolder(path) else {
      throw DataProblem(FileProblem(.missing, "there is no such folder.", path: path))
    }
    let names = try Self.names(in: path)
    let own = names.filter(Self.isImage)
    var (classes, labelled): ([String], [File]) = ([], [])
    for folder in names.map({ FilePath.join(path, $0) }) where FilePath.isFolder(folder) {
      let images = try Self.names(in: folder).filter(Self.isImage)
      guard !images.isEmpty else { continue }
      labelled += images.map {
        File(path: FilePath.join(folder, $0), label: Int32(classes.count))
      }
      classes.append(FilePath.name(of: folder))
    }
    guard own.isEmpty || labelled.isEmpty else {
      throw DataProblem(
        .malformed,
        "\(path): some images lie in sub-folders, which are classes, and others, like \(own[0]), "
          + "do not; move them")
    }
    guard !(own.isEmpty && labelled.isEmpty) else {
      let others = names.count == 0 ? "it is empty" : "it holds \(names[0])"
      throw DataProblem(
        .malformed, "\(path): holds no PGM, PPM or PNG image (\(others)); convert others to PNG")
    }
    self.classes = classes
    files =
      labelled.isEmpty
      ? own.map { File(path: FilePath.join(path, $0), label: nil) } : labelled
  }

  private static func names(in folder: String) throws(DataProblem) -> [String] {
    try DataProblem.translating { () throws(FileProblem) in try FilePath.names(in: folder) }
      .filter { !$0.hasPrefix(".") }
  }

  private static func isImage(_ name: String) -> Bool {
    let name = name.lowercased()
    return [".png", ".pgm", ".ppm", ".pnm"].contains { name.hasSuffix($0) }
  }
}
