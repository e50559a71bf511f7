public import ExptComponents
import ExptDownload
import ExptFiles
public import ExptTensor

/// Photographs in ten classes, 32×32, in colour: 50,000 to train and 10,000 to test.
///
/// Reads the binary version: `data_batch_1.bin` … `test_batch.bin`, in the folder or in
/// `cifar-10-batches-bin/` below it, or the archive `cifar-10-binary.tar.gz`; and the Python version
/// as torchvision keeps it: `data_batch_1` … `test_batch`, in the folder or in
/// `cifar-10-batches-py/`, where the binary version is not there.
///
/// Source: Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
public struct CIFAR10: Dataset {
  public static let id = "cifar10"
  public static let summary =
    "CIFAR-10: 60,000 photographs in ten classes, 32×32, colour; downloaded if absent."

  @Setting(
    "The folder of the binary or Python version; null: $EXPT_DATA/cifar10, else data/cifar10.")
  public var root: WrittenPath? = nil
  @Group public var split = SplitSettings()

  public init() {}

  public func imageShape(_ environment: DataEnvironment) -> Shape { [3, 32, 32] }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    let source = try find(environment)
    let wanted = environment.wanted
    return LoadedData(
      train: try read(wanted.contains(.train) ? CIFAR10Batches.trainingFiles : [], source),
      test: try read(wanted.contains(.test) ? CIFAR10Batches.testFiles : [], source))
  }

  private enum Source {
    case folder(String)
    case pythonFolder(String)
    case archive(String)
  }

  static let archive = RemoteFile(
    name: "cifar-10-binary.tar.gz", md5: "c32a1d4ab5d03f1284b67883e8d87530", limit: 256 << 20)
  static let mirrors = ["https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/"]

  private func find(_ environment: DataEnvironment) throws(DataProblem) -> Source {
    let folder = try DataFolder(name: Self.id, root: root, environment)
    let names = CIFAR10Batches.trainingFiles + CIFAR10Batches.testFiles
    func place(_ below: String, _ names: [String]) -> String? {
      [folder.path, FilePath.join(folder.path, below)].first { place in
        names.allSatisfy { FilePath.exists(FilePath.join(place, $0)) }
      }
    }
    if let place = place(Self.unpackedFolder, names) { return .folder(place) }
    let archive = FilePath.join(folder.path, Self.archive.name)
    if !FilePath.exists(archive) {
      if let place = place(Self.pythonFolder, names.map(CIFAR10Batches.pythonName)) {
        return .pythonFolder(place)
      }
      let packed = FilePath.join(folder.path, Self.pythonArchive)
      let remark =
        FilePath.exists(packed)
        ? " (\(Self.pythonArchive) is the Python version: unpack it there, and it is read)" : ""
      try folder.fetch(
        [Self.archive], of: "CIFAR-10", from: Self.mirrors,
        advice: [Self.archive.name + remark], environment)
    }
    return unpack(archive, in: folder, environment)
  }

  private static let unpackedFolder = "cifar-10-batches-bin"
  private static let pythonFolder = "cifar-10-batches-py"
  private static let pythonArchive = "cifar-10-python.tar.gz"

  /// Unpacks the archive beside itself, for the next start to be quick, once all of it is found to
  /// be right; where that cannot be done, it is read as it is.
  private func unpack(
    _ archive: String, in folder: DataFolder, _ environment: DataEnvironment
  ) -> Source {
    let place = FilePath.join(folder.path, Self.unpackedFolder)
    environment.report("unpacking \(archive)")
    do throws(FileProblem) {
      let batches = try CIFAR10Batches.members(
        CIFAR10Batches.trainingFiles + CIFAR10Batches.testFiles, ofArchive: archive)
      for batch in batches { _ = try CIFAR10Batches.parse(batch.bytes, path: batch.name) }
      try ExclusiveFolder.makeAll(place)
      for batch in batches {
        try AtomicFile.write(batch.bytes, to: FilePath.join(place, FilePath.name(of: batch.name)))
      }
      return .folder(place)
    } catch {
      return .archive(archive)
    }
  }

  private func read(_ files: [String], _ source: Source) throws(DataProblem) -> ImageSet {
    guard !files.isEmpty else { return .empty([3, 32, 32]) }
    let all = try DataProblem.translating { () throws(FileProblem) in
      switch source {
      case .folder(let folder): try CIFAR10Batches.read(files, in: folder)
      case .pythonFolder(let folder): try CIFAR10Batches.readPython(files, in: folder)
      case .archive(let archive): try CIFAR10Batches.read(files, inArchive: archive)
      }
    }
    return ImageSet(
      shape: [3, 32, 32], count: all.labels.count, pixels: .bytes(all.images),
      labels: all.labels.map(Int32.init))
  }
}
