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

  init(
    name: String, root: WrittenPath?, _ environment: DataEnvironment
  ) throws(DataProblem) {
    self.name = name
    if let root {
      path = try Self.resolve(root, environment)
      reason = "the dataset's 'root'"
    } else if let data = environment.dataFolder, !data.isEmpty {
      path = try Self.resolve(WrittenPath(FilePath.join(data, name)), environment)
      reason = "by the environment variable EXPT_DATA"
    } else {
      path = FilePath.join(environment.workingFolder, FilePath.join("data", name))
      reason = "the default, as neither 'root' nor EXPT_DATA is set"
    }
  }

  /// A path in an experiment file: absolute, or relative to the folder that expt was started in,
  /// as `runs` and `data` are. So a run's resolved file means the same data as the file it came
  /// from, wherever the two lie. `~` and variables are expanded.
  static func resolve(
    _ path: WrittenPath, _ environment: DataEnvironment
  ) throws(DataProblem) -> String {
    do {
      return FilePath.join(environment.workingFolder, try path.expanded())
    } catch {
      throw DataProblem(.malformed, "\(path): \(error.message); \(error.help)")
    }
  }

  /// The first of the files that is there. A folder of that name is none: some unpackers make one
  /// for each file.
  func find(_ names: [String]) -> String? {
    names.lazy.map { FilePath.join(path, $0) }
      .first { FilePath.exists($0) && !FilePath.isFolder($0) }
  }

  /// That files are not there which nobody but the user can bring.
  ///
  /// - Parameters:
  ///   - title: What they are: `dSprites`.
  ///   - files: Their names, and where to get them.
  func absent(_ title: String, _ files: String) -> DataProblem {
    DataProblem(.missing, "\(title) is not in \(path) (\(reason))\(content); put into it: \(files)")
  }

  /// `; it holds train.csv, notes.txt`, where the folder is there and holds something.
  var content: String {
    let names = ((try? FilePath.names(in: path)) ?? []).filter { !$0.hasPrefix(".") }
    let more = names.count > 6 ? " and \(names.count - 6) more" : ""
    return names.isEmpty ? "" : "; it holds \(names.prefix(6).joined(separator: ", "))\(more)"
  }
}
