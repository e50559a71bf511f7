import ExptComponents
import ExptDownload
import ExptFiles
import ExptTensor

/// The four IDX files that MNIST and its relatives come in: images and labels, to train and to test.
///
/// Each may be gzipped (`….gz`) or not, in the folder itself or where other programs put them:
/// torchvision in `raw/` or `MNIST/raw/` below it, unpackers in a folder of the file's own name.
/// Kaggle and 7-Zip name them `train-images.idx3-ubyte`.
struct IDXArchive: Sendable {
  /// One of the four files.
  struct Part: Sendable {
    /// Without `.gz`.
    var name: String
    /// The MD5 sum of the unpacked bytes, where known.
    var unpackedMD5: String?
    /// The MD5 sum of the gzipped file as its authors publish it.
    var packedMD5: String
  }

  /// `mnist`.
  var name: String
  /// `MNIST`.
  var title: String
  var image: Shape = [1, 28, 28]
  var classes: Int32 = 10
  /// Folders to fetch the files from, in turn.
  var mirrors: [String]
  var trainImages: Part
  var trainLabels: Part
  var testImages: Part
  var testLabels: Part

  func load(root: WrittenPath?, _ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    let folder = try DataFolder(name: name, root: root, environment)
    var data = LoadedData(train: .empty(image), test: .empty(image))
    if environment.wanted.contains(.train) {
      data.train = try load(trainImages, trainLabels, folder, environment)
    }
    if environment.wanted.contains(.test) {
      data.test = try load(testImages, testLabels, folder, environment)
    }
    return data
  }

  private func load(
    _ images: Part, _ labels: Part, _ folder: DataFolder, _ environment: DataEnvironment
  ) throws(DataProblem) -> ImageSet {
    let imagePath = try path(of: images, folder, environment)
    let labelPath = try path(of: labels, folder, environment)
    let set = try IDXImages.read(images: imagePath, labels: labelPath)
    guard set.shape == image else {
      throw DataProblem(
        .malformed,
        "\(imagePath): holds images of \(set.shape), and \(title) has \(image); for other images "
          + "use the dataset 'idx'")
    }
    if let wrong = set.labels?.first(where: { $0 >= classes }) {
      throw DataProblem(
        .malformed, "\(labelPath): holds the label \(wrong), and \(title) has 0 to \(classes - 1)")
    }
    return set
  }

  /// Finds a file, or fetches all that are missing: those that are wanted now must be had, the
  /// others, which a later evaluation may want, are fetched if they can be.
  private func path(
    of part: Part, _ folder: DataFolder, _ environment: DataEnvironment
  ) throws(DataProblem) -> String {
    if let path = folder.find(part.names) { return path }
    let advice = missing(.all, folder).map { $0.name + ".gz" }
    try folder.fetch(
      missing(environment.wanted, folder).map(\.remoteFile), of: title, from: mirrors,
      advice: advice, environment)
    do {
      try folder.fetch(
        missing(.all, folder).map(\.remoteFile), of: title, from: mirrors, advice: advice,
        environment)
    } catch  where error.kind == .stopped {
      throw error
    } catch {}
    return FilePath.join(folder.path, part.remoteFile.name)
  }

  private func missing(_ wanted: DataParts, _ folder: DataFolder) -> [Part] {
    parts(wanted).filter { folder.find($0.names) == nil }
  }

  private func parts(_ wanted: DataParts) -> [Part] {
    (wanted.contains(.train) ? [trainImages, trainLabels] : [])
      + (wanted.contains(.test) ? [testImages, testLabels] : [])
  }
}

extension IDXArchive.Part {
  /// Where it may be in the folder, the usual places first.
  var names: [String] {
    let folders = ["", "raw/", "MNIST/raw/", "FashionMNIST/raw/", "KMNIST/raw/"]
    let plain = folders.flatMap { folder in [name, dotted].map { folder + $0 } }
    let nested = [name, dotted].flatMap { folder in [name, dotted].map { "\(folder)/\($0)" } }
    return (plain + nested).flatMap { [$0, $0 + ".gz"] }
  }

  /// `train-images.idx3-ubyte`, the name that the gzip file itself keeps.
  private var dotted: String {
    let parts = name.split(separator: "-")
    return parts.dropLast(2).joined(separator: "-") + "."
      + parts.suffix(2).joined(separator: "-")
  }

  var remoteFile: RemoteFile {
    RemoteFile(name: name + ".gz", md5: packedMD5, unpackedMD5: unpackedMD5)
  }
}
