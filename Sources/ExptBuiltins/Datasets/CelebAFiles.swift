import ExptComponents
import ExptFiles

/// The files of CelebA in a folder.
struct CelebAFiles {
  private let folder: DataFolder
  private let images: String
  private let attributeFile: String
  private let partFile: String

  /// - Throws: `missing`, with what to put where, if one of them is not there.
  init(_ root: WrittenPath?, _ environment: DataEnvironment) throws(DataProblem) {
    folder = try DataFolder(name: "celeba", root: root, environment)
    // Kaggle's archive has the folder in a folder of the same name.
    let folders = ["img_align_celeba/img_align_celeba", "img_align_celeba"]
    let images = folders.lazy.map { [folder] in FilePath.join(folder.path, $0) }
      .first(where: FilePath.isFolder)
    let attributes = folder.find(["list_attr_celeba.txt", "list_attr_celeba.csv"])
    let parts = folder.find(["list_eval_partition.txt", "list_eval_partition.csv"])
    guard let images, let attributes, let parts else {
      let absent = [
        images == nil ? "img_align_celeba/" : nil, attributes == nil ? "list_attr_celeba.txt" : nil,
        parts == nil ? "list_eval_partition.txt" : nil,
      ].compactMap(\.self).joined(separator: ", ")
      throw DataProblem(
        .missing,
        "CelebA is not in \(folder.path) (\(folder.reason))\(folder.content); put into it: \(absent). "
          + "The CelebA page of the Multimedia Laboratory at CUHK has them, as 'Align&Cropped Images' "
          + "(img_align_celeba.zip, to be unpacked), 'Attributes Annotations' and 'Train/Val/Test "
          + "Partitions'")
    }
    (self.images, attributeFile, partFile) = (images, attributes, parts)
  }

  /// The images' names by part, in the order of the list.
  func parts() throws(DataProblem) -> [DataPart: [String]] {
    let table = try ImageTable(partFile, wantsParts: true)
    guard table.hasParts else {
      throw DataProblem(.malformed, "\(partFile): does not say 0, 1 or 2 for each image")
    }
    return table.namesByPart
  }

  struct Attributes {
    var names: [String]
    /// 0 or 1 by image.
    var values: [String: [Float]]
  }

  /// Source: `list_attr_celeba.txt`: the number of images, the names, and a line an image, of −1 and 1.
  func attributes() throws(DataProblem) -> Attributes {
    let bytes = try DataProblem.translating { () throws(FileProblem) in
      try FileBytes.read(attributeFile, limit: 1 << 30)
    }
    var attributes = Attributes(names: [], values: [:])
    var count: Int?
    var number = 0
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let words = line.split { $0 == 0x20 || $0 == 0x2c || $0 == 0x0d || $0 == 0x09 }
      if words.isEmpty { continue }
      if attributes.names.isEmpty {
        if words.count == 1, count == nil {
          count = Int(String(decoding: words[0], as: UTF8.self))
        } else {
          let names = words.map { String(decoding: $0, as: UTF8.self) }
          attributes.names = names[0] == "image_id" ? Array(names.dropFirst()) : names
        }
        continue
      }
      let values = words.dropFirst().compactMap { Self.value($0) }
      guard words.count == attributes.names.count + 1, values.count == words.count - 1 else {
        throw DataProblem(
          .malformed,
          "\(attributeFile): line \(number) is not the name of an image and "
            + "\(attributes.names.count) times 1 or -1")
      }
      attributes.values[String(decoding: words[0], as: UTF8.self)] = values
    }
    guard count == nil || count == attributes.values.count, !attributes.names.isEmpty else {
      throw DataProblem(
        .malformed,
        "\(attributeFile): announces \(count ?? 0) images, and has \(attributes.values.count) lines of "
          + "them; get it again")
    }
    return attributes
  }

  private static func value(_ word: ArraySlice<UInt8>) -> Float? {
    switch (word.count, word.first, word.last) {
    case (1, 0x31, _): 1
    case (2, 0x2d, 0x31), (1, 0x30, _): 0
    default: nil
    }
  }

  /// - Throws: `missing` if images are not there, `malformed` if they have no attributes.
  func folder(of names: [String], _ attributes: Attributes) throws(DataProblem) -> ImageFolder {
    let there = Set(
      try DataProblem.translating { () throws(FileProblem) in try FilePath.names(in: images) })
    let absent = names.filter { !there.contains($0) }
    guard absent.isEmpty else {
      throw DataProblem(
        .missing,
        "\(images): \(absent.count) of \(names.count) images are not there, such as \(absent[0]); "
          + "unpack img_align_celeba.zip again")
    }
    var files: [ImageFolder.File] = []
    for name in names {
      guard let values = attributes.values[name] else {
        throw DataProblem(.malformed, "\(attributeFile): has no line of \(name)")
      }
      let row = files.count
      files.append(
        ImageFolder.File(
          path: FilePath.join(images, name), name: name, factors: values, row: row))
    }
    return ImageFolder(images, files: files, factors: attributes.names)
  }
}
