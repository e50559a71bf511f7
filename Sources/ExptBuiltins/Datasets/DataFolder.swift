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
      path = Self.resolve(FilePath.join(data, name), environment)
      reason = "by the environment variable EXPT_DATA"
    } else {
      path = Self.resolve(FilePath.join("data", name), environment)
      reason = "the default, as neither 'root' nor EXPT_DATA is set"
    }
  }

  /// A path in an experiment file: absolute, or counted from the folder that expt was started in,
  /// as `runs` and `data` are. So a run's resolved file means the same data as the file it came
  /// from, wherever the two lie.
  static func resolve(_ path: String, _ environment: DataEnvironment) -> String {
    FilePath.join(environment.workingFolder, path)
  }

  /// The first of the files that is there.
  func find(_ names: [String]) -> String? {
    names.lazy.map { FilePath.join(path, $0) }.first { FilePath.exists($0) }
  }
}
