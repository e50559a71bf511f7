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
  private(set) var files: [File]
  /// The names of the sub-folders that hold images, sorted; empty if the images are not in any.
  private(set) var classes: [String]
  /// Notes about what else is there.
  let notes: [String]

  /// What the files are called in the folder: `cats/1.png`.
  var names: [String] { files.map { String($0.path.dropFirst(FilePath.join(path, "").count)) } }

  /// - Throws: `missing` if there is no such folder, `malformed` if it holds no images or some
  ///   are in sub-folders and others are not.
  init(_ path: String) throws(DataProblem) {
    guard FilePath.isFolder(path) else {
      let remark = FilePath.remark(onMissing: path)
      throw DataProblem(FileProblem(.missing, "there is no such folder." + remark, path: path))
    }
    var scan = Scan()
    try scan.look(in: path)
    guard scan.own.isEmpty || scan.labelled.isEmpty else {
      throw DataProblem(
        .malformed,
        "\(path): some images are in sub-folders, which are classes, and others, like "
          + "\(FilePath.name(of: scan.own[0].path)), do not; move them")
    }
    let notes = scan.passedOver.notes(path)
    guard !(scan.own.isEmpty && scan.labelled.isEmpty) else {
      let found =
        notes.isEmpty
        ? "it is empty"
        : notes.map { $0.dropFirst(path.count + 2) }
          .joined(separator: "; ")
      throw DataProblem(
        .malformed, "\(path): holds no PGM, PPM or PNG image; \(found)")
    }
    self.path = path
    self.notes = notes
    classes = scan.classes
    files = scan.labelled + scan.own
  }

  /// This folder with its classes numbered as those of another, which must know them all; without
  /// labels where it has no classes.
  func labelled(as other: ImageFolder) throws(DataProblem) -> ImageFolder {
    let numbers = classes.map { name in other.classes.firstIndex(of: name) }
    guard !numbers.contains(nil) else {
      throw DataProblem(
        .malformed,
        "\(path) does not have the sub-folders of \(other.path), such as "
          + "\(classes.first { !other.classes.contains($0) } ?? ""); they must be the same classes")
    }
    var folder = self
    folder.classes = other.classes
    for index in files.indices {
      folder.files[index].label = files[index].label.flatMap { label in
        numbers[Int(label)].map(Int32.init)
      }
    }
    return folder
  }

  /// What is found in the folder and its sub-folders.
  private struct Scan {
    var own: [File] = []
    var labelled: [File] = []
    var classes: [String] = []
    var passedOver = PassedOver()

    mutating func look(in path: String) throws(DataProblem) {
      for name in try ImageFolder.names(in: path) {
        let place = FilePath.join(path, name)
        if ImageFolder.isImage(name) {
          own.append(File(path: place, label: nil))
        } else if FilePath.isFolder(place) {
          try look(inClass: place)
        } else {
          passedOver.add(file: name)
        }
      }
    }

    private mutating func look(inClass folder: String) throws(DataProblem) {
      let before = labelled.count
      for name in try ImageFolder.names(in: folder) {
        let place = FilePath.join(folder, name)
        if ImageFolder.isImage(name) {
          labelled.append(File(path: place, label: Int32(classes.count)))
        } else if FilePath.isFolder(place) {
          passedOver.add(deepFolder: place, isImage: ImageFolder.isImage)
        } else {
          passedOver.add(file: name)
        }
      }
      if labelled.count > before {
        classes.append(FilePath.name(of: folder))
      } else {
        passedOver.add(emptyFolder: FilePath.name(of: folder))
      }
    }
  }

  fileprivate static func names(in folder: String) throws(DataProblem) -> [String] {
    try DataProblem.translating { () throws(FileProblem) in try FilePath.names(in: folder) }
      .filter { !$0.hasPrefix(".") }
  }

  fileprivate static func isImage(_ name: String) -> Bool {
    let name = name.lowercased()
    return [".png", ".pgm", ".ppm", ".pnm"].contains { name.hasSuffix($0) }
  }
}
