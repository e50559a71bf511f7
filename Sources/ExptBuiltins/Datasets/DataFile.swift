public import ExptComponents
import ExptFiles

/// A file, or a folder of files, that a dataset reads.
public struct DataFile: Sendable, Hashable {
  public var path: String
  /// How many files: 1, or those in the folder and the folders in it.
  public var count: Int
  /// Bytes of all of them.
  public var bytes: Int

  /// Files at a path, those with a leading dot left out; nil if nothing is there.
  init?(_ path: String) {
    guard FilePath.exists(path) else { return nil }
    self.path = path
    (count, bytes) = Self.contents(of: path, depth: 0)
  }

  /// The same for a path that somebody wrote; nil also where it cannot be made out.
  public init?(_ path: WrittenPath, _ environment: DataEnvironment) {
    guard let path = try? DataFolder.resolve(path, environment) else { return nil }
    self.init(path)
  }

  /// Folders may be linked in circles: eight levels are as deep as any dataset lies.
  private static func contents(of path: String, depth: Int) -> (count: Int, bytes: Int) {
    guard FilePath.isFolder(path) else { return (1, (try? FileBytes.size(of: path)) ?? 0) }
    guard depth < 8, let names = try? FilePath.names(in: path) else { return (0, 0) }
    var sum = (count: 0, bytes: 0)
    for name in names where !name.hasPrefix(".") {
      let inside = contents(of: FilePath.join(path, name), depth: depth + 1)
      sum = (sum.count + inside.count, sum.bytes + inside.bytes)
    }
    return sum
  }
}

extension Dataset {
  /// What lies where this dataset looks for its files: the paths in its settings, or the folder by its
  /// name. Empty for a dataset that is drawn, and where nothing is there.
  public func filesAtHand(_ environment: DataEnvironment) -> [DataFile] {
    var paths = writtenPaths.compactMap { try? DataFolder.resolve($0.path, environment) }
    let hasRoot = settingDescriptions.contains { $0.name == "root" }
    if paths.isEmpty, hasRoot,
      let folder = try? DataFolder(name: Self.id, root: nil, environment)
    {
      paths = [folder.path]
    }
    return paths.compactMap { DataFile($0) }
  }
}
