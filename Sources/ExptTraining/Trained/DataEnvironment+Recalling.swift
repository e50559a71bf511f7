import ExptComponents
import ExptDocument
import ExptFiles
import ExptRunFolder

extension DataEnvironment {
  /// What relative paths start from, to be written in `run.json`.
  var absoluteWorkingFolder: String { FilePath.absolute(workingFolder) }

  /// `EXPT_DATA` as an absolute path; nil if it is not set.
  var absoluteDataFolder: String? {
    guard let dataFolder, !dataFolder.isEmpty,
      let expanded = try? PathExpansion.ofProcess.expand(dataFolder)
    else { return nil }
    return FilePath.absolute(FilePath.join(workingFolder, expanded))
  }

  /// Finds a run's data where they were when it was trained, wherever the program is started now.
  ///
  /// Relative paths start from the folder that the run was started in, and `EXPT_DATA` is what
  /// it is now, else what it was then. Where nothing is found so, paths are counted from here, as
  /// for a run that came from another machine. Only then is anything downloaded.
  func recalling<Result, Problem: Error>(
    _ record: Manifest.DatasetRecord?,
    _ load: (DataEnvironment) throws(Problem) -> Result
  ) throws(Problem) -> Result {
    for place in record.map(places) ?? [] {
      do { return try load(place) } catch {
        guard (error as? DataProblem)?.kind == .missing else { throw error }
      }
    }
    return try load(self)
  }

  private func places(of record: Manifest.DatasetRecord) -> [DataEnvironment] {
    guard let folder = record.workingFolder, folder.hasPrefix("/") else { return [] }
    var now = self
    now.workingFolder = folder
    now.allowsDownload = false
    now.dataFolder = (absoluteDataFolder ?? record.dataFolder).map(Self.unexpanded)
    var before = now
    before.dataFolder = record.dataFolder.map(Self.unexpanded)
    return [now] + (before.dataFolder == now.dataFolder ? [] : [before])
  }

  /// A path in which nothing is to be expanded.
  private static func unexpanded(_ path: String) -> String {
    path.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")
  }
}
