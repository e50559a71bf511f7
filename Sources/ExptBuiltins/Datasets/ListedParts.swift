import ExptComponents
import ExptFiles

/// Which pictures of a folder to train on, validate with and test on, as lists say: a table with a
/// column of parts, or a folder of `train.txt`, `val.txt` and `test.txt` with a name a line.
struct ListedParts {
  private let path: String
  private let part: (ImageFolder.File) -> DataPart?

  /// - Parameters:
  ///   - list: The table or the folder of lists; nil: the table of labels, if it has parts.
  ///   - isUsed: Whether the parts of a table of labels, which nobody asked for, are wanted.
  init?(
    _ list: String?, labels: ImageTable?, isUsed: Bool, of folder: String
  ) throws(DataProblem) {
    guard let list else {
      guard let labels, labels.hasParts, isUsed else { return nil }
      (path, part) = (labels.path, { labels.row(of: $0, in: folder)?.part })
      return
    }
    path = list
    if FilePath.isFolder(list) {
      let lists = try Self.lists(in: list)
      part = { file in lists.first { $0.table.row(of: file, in: folder) != nil }?.part }
      return
    }
    let table = try ImageTable(list, wantsParts: true)
    guard table.hasParts else {
      throw DataProblem(
        .malformed,
        "\(list): has no column of parts; call it 'split', and write train, validation or test "
          + "into it", setting: "split")
    }
    part = { table.row(of: $0, in: folder)?.part }
  }

  private static func lists(
    in folder: String
  ) throws(DataProblem) -> [(part: DataPart, table: ImageTable)] {
    let names = try DataProblem.translating { () throws(FileProblem) in
      try FilePath.names(in: folder)
    }
    var lists: [(part: DataPart, table: ImageTable)] = []
    for name in names where name.lowercased().hasSuffix(".txt") {
      guard let part = ImageTable.part(String(name.dropLast(4))) else { continue }
      lists.append((part, try ImageTable(FilePath.join(folder, name))))
    }
    guard !lists.isEmpty else {
      throw DataProblem(
        .missing, "\(folder): holds no train.txt, val.txt or test.txt with the names of pictures",
        setting: "split")
    }
    return lists
  }

  func divide(_ folder: ImageFolder, _ notes: [String]) throws(DataProblem) -> ImageParts {
    let parts = folder.files.map(part)
    func kept(_ wanted: DataPart) -> ImageFolder? {
      var index = -1
      return folder.keeping { _ in
        index += 1
        return parts[index] == wanted
      }
    }
    guard let train = kept(.train) else {
      throw DataProblem(
        .malformed, "\(path): lists none of the pictures in \(folder.path) to train on",
        setting: "split")
    }
    var notes = notes
    let unlisted = parts.filter { $0 == nil }.count
    if unlisted > 0, let example = zip(folder.files, parts).first(where: { $0.1 == nil })?.0 {
      notes.append(
        "\(path): \(unlisted) of the \(parts.count) pictures in \(folder.path) are in no part, such "
          + "as \(example.name), and are left out")
    }
    return ImageParts(
      train: train, validation: kept(.validation), test: kept(.test), notes: notes)
  }
}
