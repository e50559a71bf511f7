import ExptFiles

extension FoundData {
  /// NumPy's file of an array, with files beside it that by their names belong to it.
  static func npy(_ path: String) -> FoundData {
    let beside = FilesBeside(path) { try? NPYArray.readShape($0).first }
    return FoundData(
      title: "a NumPy array", lines: [StartingLine("type", "npy")] + beside.lines, isArray: true,
      hasValidation: beside.validation != nil, hasTest: beside.test != nil)
  }

  /// NumPy's archive, in which the dataset finds arrays of the usual names.
  static func npz(_ path: String) -> FoundData {
    let archive = try? NPZArchive(path)
    let names = archive?.names ?? []
    func has(_ usual: String...) -> Bool { usual.contains(where: names.contains) }
    let hasImages = has("images", "train_images", "x_train", "x", "imgs", "arr_0")
    // An array of another name is meant if no other can be.
    let arrays = names.filter { name in ((try? archive?.shape(name))??.count ?? 0) > 1 }
    return FoundData(
      title: "a NumPy archive",
      lines: [StartingLine("type", "npz"), StartingLine("path", path: path)]
        + (!hasImages && arrays.count == 1 ? [StartingLine("images", text: arrays[0])] : []),
      isArray: true,
      hasValidation: has(
        "validation_images", "val_images", "valid_images", "x_validation", "x_val", "x_valid"),
      hasTest: has("test_images", "x_test"))
  }

  static func idx(_ path: String) -> FoundData {
    let beside = FilesBeside(path) { try? IDX.readShape($0).first }
    return FoundData(
      title: "an IDX file", lines: [StartingLine("type", "idx")] + beside.lines, isArray: true,
      hasValidation: beside.validation != nil, hasTest: beside.test != nil)
  }

  /// A folder with the files of MNIST or one of its relatives; nil if it is none.
  static func idxFolder(_ path: String) -> FoundData? {
    let names = ["train-images-idx3-ubyte", "train-images.idx3-ubyte"].flatMap { [$0, $0 + ".gz"] }
    return names.map { FilePath.join(path, $0) }
      .first { FilePath.exists($0) && !FilePath.isFolder($0) }.map(idx)
  }
}

/// Files that by their names belong to an array of training images, and by their lengths can.
struct FilesBeside {
  var images: String
  var labels: String?
  var validation: String?
  var test: String?
  private let length: (String) -> Int?

  /// - Parameter length: How many images or labels a file has; nil if it cannot be read.
  init(_ path: String, length: @escaping (String) -> Int?) {
    images = path
    self.length = length
    labels = labels(of: path)
    validation = part(["val", "valid", "validation"])
    test = part(["test", "t10k"])
  }

  var lines: [StartingLine] {
    let parts = [("validation_", validation), ("test_", test)]
    let others = parts.flatMap { lead, images -> [StartingLine] in
      guard let images else { return [] }
      return lines(lead, images, labels(of: images))
    }
    return lines("", images, labels) + others
  }

  private func lines(_ lead: String, _ images: String, _ labels: String?) -> [StartingLine] {
    [StartingLine(lead + "images", path: images)]
      + (labels.map { [StartingLine(lead + "labels", path: $0)] } ?? [])
  }

  private func labels(of images: String) -> String? {
    let words = [
      ("images-idx3", "labels-idx1"), ("images.idx3", "labels.idx1"), ("images", "labels"),
      ("imgs", "labels"), ("x_", "y_"), ("X_", "y_"), ("_x", "_y"), ("_X", "_y"), ("X.", "y."),
      ("x.", "y."), ("data", "labels"),
    ]
    let count = length(images)
    return words.lazy.compactMap { renamed(images, $0.0, $0.1) }
      .first { count != nil && length($0) == count }
  }

  private func part(_ names: [String]) -> String? {
    names.lazy.compactMap { renamed(images, "train", $0) }.first { length($0) != nil }
  }

  /// The file whose name has another word in the place of this one, if it is there.
  private func renamed(_ path: String, _ word: String, _ other: String) -> String? {
    let name = FilePath.name(of: path)
    guard let place = name.firstRange(of: word) else { return nil }
    let renamed = name.replacingCharacters(in: place, with: other)
    let folder = String(path.dropLast(name.count))
    return FilePath.exists(folder + renamed) && !FilePath.isFolder(folder + renamed)
      ? folder + renamed : nil
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with other: String) -> String {
    self[..<range.lowerBound] + other + self[range.upperBound...]
  }
}
