import ExptComponents
import ExptFiles

/// The folder of a dataset's files: its `root` setting, else `$EXPT_DATA/<name>`, else
/// `data/<name>`.
struct DataFolder: Sendable {
  /// `mnist`.
  let name: String
  let path: String
  /// Why this folder.
  let reason: String

  init(name: String, root: String?, _ environment: DataEnvironment) {
    self.name = name
    if let root {
      path = Self.resolve(root, environment)
      reason = "the dataset's 'root'"
    } else if let data = environment.dataFolder, !data.isEmpty {
      path = FilePath.join(data, name)
      reason = "by the environment variable EXPT_DATA"
    } else {
      path = FilePath.join("data", name)
      reason = "the default, as neither 'root' nor EXPT_DATA is set"
    }
  }

  /// A path in an experiment file: absolute, or counted from the file's folder, or, where nothing
  /// is there, from the folder that expt was started in.
  static func resolve(_ path: String, _ environment: DataEnvironment) -> String {
    if environment.experimentFolder == "." { return path }
    let beside = FilePath.join(environment.experimentFolder, path)
    return FilePath.exists(beside) || !FilePath.exists(path) ? beside : path
  }

  /// The first of the files that is there.
  func find(_ names: [String]) -> String? {
    names.lazy.map { FilePath.join(path, $0) }.first { FilePath.exists($0) }
  }
}
