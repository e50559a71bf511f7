import ExptFiles

/// What is in a folder of images and not read, counted by kind for a note.
struct PassedOver: Sendable, Hashable {
  /// By the end of their names, such as `.gif`; `no ending` for those without.
  private var files: [String: Int] = [:]
  /// Pictures that would be read, in folders too deep, and one of those folders.
  private var deeper = 0
  private var deepFolder: String?
  /// Sub-folders without a picture to read.
  private var emptyFolders: [String] = []

  mutating func add(file name: String) { files[Self.ending(of: name), default: 0] += 1 }

  mutating func add(emptyFolder name: String) { emptyFolders.append(name) }

  /// Counts the pictures in a folder that is not read, and in those in it; links to folders, which
  /// may go in circles, only to a depth of eight.
  mutating func add(deepFolder path: String, isImage: (String) -> Bool, depth: Int = 0) {
    guard depth < 8, let names = try? FilePath.names(in: path) else { return }
    for name in names where !name.hasPrefix(".") {
      let place = FilePath.join(path, name)
      if isImage(name) {
        deeper += 1
        deepFolder = deepFolder ?? path
      } else if FilePath.isFolder(place) {
        add(deepFolder: place, isImage: isImage, depth: depth + 1)
      }
    }
  }

  /// `40 .gif, 2 .txt`; nil if there are none.
  var kinds: String? {
    let sorted = files.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let shown = sorted.prefix(5).map { "\($0.value) \($0.key)" }
    let rest = sorted.dropFirst(5).reduce(0) { $0 + $1.value }
    return sorted.isEmpty
      ? nil : (shown + (rest > 0 ? ["\(rest) others"] : [])).joined(separator: ", ")
  }

  /// Sentences without a full stop, about the folder at `path`.
  func notes(_ path: String) -> [String] {
    var notes: [String] = []
    if let kinds {
      notes.append(
        "\(path): files that are not JPEG, PNG, PGM or PPM are skipped (\(kinds)); convert pictures "
          + "to PNG or JPEG to train on them")
    }
    if let deepFolder {
      notes.append(
        "\(path): \(deeper) pictures are nested too deeply and are skipped, such as those in "
          + "\(deepFolder); only the folder and its sub-folders, the classes, are read")
    }
    if !emptyFolders.isEmpty {
      let names = emptyFolders.prefix(5).joined(separator: ", ")
      let rest = emptyFolders.count > 5 ? " and \(emptyFolders.count - 5) more" : ""
      notes.append(
        "\(path): sub-folders without a readable picture are not classes: \(names)\(rest)")
    }
    return notes
  }

  private static func ending(of name: String) -> String {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "no extension" }
    let ending = name[dot...].lowercased()
    return ending.count <= 10 ? ending : "other"
  }
}
