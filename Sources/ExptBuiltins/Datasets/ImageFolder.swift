import ExptComponents
import ExptFiles

/// The images in a folder, in the order of their names, or of their folders' names and theirs.
struct ImageFolder: Sendable {
  struct File: Sendable {
    var path: String
    /// As it is called in the folder: `a.png`, or `cats/a.png`.
    var name: String
    var label: Int32?
    /// The values of `ImageFolder.factors`.
    var factors: [Float] = []
    /// Where it stands in the folder, from 0.
    var row = 0
  }

  let path: String
  /// Never empty.
  var files: [File]
  /// The names of the sub-folders that hold images, sorted; empty if the images are not in any.
  var classes: [String]
  /// The names of factors that a table gives.
  var factors: [String] = []
  /// Notes about what else is there.
  var notes: [String]

  /// What each of the folder's files is called there, by its row: `cats/1.png`; empty for one that is not
  /// among these.
  var names: [String] {
    var names = [String](repeating: "", count: (files.map(\.row).max() ?? -1) + 1)
    let start = FilePath.join(path, "").count
    for file in files { names[file.row] = String(file.path.dropFirst(start)) }
    return names
  }

  /// The same with only some of its files, where a look at some is enough.
  func sampled(_ environment: DataEnvironment) -> ImageFolder {
    var folder = self
    folder.files = environment.sampled(files.count).map { files[$0] }
    return folder
  }

  /// - Parameters:
  ///   - edition: In earlier editions, JPEG files are not images.
  ///   - mixesLevels: Whether images may lie in sub-folders and beside them.
  /// - Throws: `missing` if there is no such folder, `malformed` if it holds no images or some
  ///   are in sub-folders and others are not.
  init(
    _ path: String, _ edition: DataEdition = .current, mixesLevels: Bool = false
  ) throws(DataProblem) {
    guard FilePath.isFolder(path) else {
      let remark = FilePath.remark(onMissing: path)
      throw DataProblem(FileProblem(.missing, "there is no such folder." + remark, path: path))
    }
    var scan = Scan(endings: edition < .third ? Self.oldEndings : Self.endings)
    try scan.look(in: path)
    guard mixesLevels || scan.own.isEmpty || scan.labelled.isEmpty else {
      throw DataProblem(
        .malformed,
        "\(path): some images are in sub-folders, which are classes, and others, like "
          + "\(scan.own[0].name), do not; move them")
    }
    let notes = scan.passedOver.notes(path)
    guard !(scan.own.isEmpty && scan.labelled.isEmpty) else {
      let found =
        notes.isEmpty
        ? "it is empty"
        : notes.map { $0.dropFirst(path.count + 2) }
          .joined(separator: "; ")
      throw DataProblem(
        .malformed, "\(path): holds no JPEG, PNG, PGM or PPM image; \(found)")
    }
    self.path = path
    self.notes = notes
    classes = scan.classes
    files = scan.labelled + scan.own
    for index in files.indices { files[index].row = index }
  }

  /// Files that are known from elsewhere.
  init(_ path: String, files: [File], factors: [String]) {
    (self.path, self.files, self.factors) = (path, files, factors)
    (classes, notes) = ([], [])
  }

  /// The same with only some of the files; nil if none is left.
  func keeping(_ isKept: (File) -> Bool) -> ImageFolder? {
    var folder = self
    folder.files = files.filter(isKept)
    return folder.files.isEmpty ? nil : folder
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
    let endings: [String]
    var own: [File] = []
    var labelled: [File] = []
    var classes: [String] = []
    var passedOver = PassedOver()

    mutating func look(in path: String) throws(DataProblem) {
      for name in try ImageFolder.names(in: path) {
        let place = FilePath.join(path, name)
        if isImage(name) {
          own.append(File(path: place, name: name))
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
        if isImage(name) {
          let inFolder = FilePath.join(FilePath.name(of: folder), name)
          labelled.append(File(path: place, name: inFolder, label: Int32(classes.count)))
        } else if FilePath.isFolder(place) {
          passedOver.add(deepFolder: place, isImage: isImage)
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

    private func isImage(_ name: String) -> Bool {
      let name = name.lowercased()
      return endings.contains { name.hasSuffix($0) }
    }
  }

  fileprivate static func names(in folder: String) throws(DataProblem) -> [String] {
    try DataProblem.translating { () throws(FileProblem) in try FilePath.names(in: folder) }
      .filter { !$0.hasPrefix(".") }
  }

  private static let oldEndings = [".png", ".pgm", ".ppm", ".pnm"]
  private static let endings = oldEndings + [".jpg", ".jpeg", ".jpe", ".jfif"]
}
