import ExptComponents
import ExptFiles

extension ImageTable {
  /// The folder with the table's labels and factors.
  ///
  /// - Parameter leavesOut: Whether pictures that the table does not name are left out, which a note
  ///   says, or are an error.
  func annotating(_ folder: ImageFolder, leavesOut: Bool) throws(DataProblem) -> ImageFolder {
    var folder = folder
    var files: [ImageFolder.File] = []
    var unnamed: [String] = []
    var owners: [Int: String] = [:]
    for var file in folder.files {
      guard let row = row(of: file, in: folder.path) else {
        unnamed.append(file.name)
        continue
      }
      if let other = owners.updateValue(file.name, forKey: row.number) {
        throw problem(
          row,
          "is that of both \(other) and \(file.name) in \(folder.path); write their folders too")
      }
      (file.label, file.factors) = (row.label, row.factors)
      files.append(file)
    }
    if !unnamed.isEmpty {
      let shown = unnamed.prefix(20).joined(separator: ", ")
      let more = unnamed.count > 20 ? " and \(unnamed.count - 20) more" : ""
      let what =
        "has no row for \(unnamed.count) of the \(folder.files.count) pictures in \(folder.path)"
      guard leavesOut, !files.isEmpty else {
        throw DataProblem(
          .malformed, "\(path): \(what): \(shown)\(more); 'on_error: skip' leaves them out",
          setting: "labels")
      }
      folder.notes.append("\(path): \(what), which are left out: \(shown)\(more)")
    }
    if files.count < count {
      folder.notes.append(
        "\(path): \(count - files.count) of its \(count) rows are of no picture in \(folder.path)")
    }
    (folder.files, folder.classes, folder.factors) = (files, classes, factors)
    return folder
  }
}
