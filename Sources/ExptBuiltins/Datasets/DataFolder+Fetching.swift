import ExptComponents
import ExptDownload
import ExptFiles

extension DataFolder {
  /// Downloads files into the folder, which is made if missing.
  ///
  /// - Parameters:
  ///   - title: What they are: `MNIST`.
  ///   - mirrors: Where to look, in turn. `environment.mirrors` replace them: each holds a folder by
  ///     the name of the dataset.
  ///   - advice: The files to put into the folder instead.
  /// - Throws: `missing` with the reason of each mirror, `inputOutput` if the folder cannot be
  ///   written to, or `stopped` if the user asked to stop. A folder that was made
  ///   and stays empty is removed.
  func fetch(
    _ files: [RemoteFile], of title: String, from mirrors: [String], advice: [String],
    _ environment: DataEnvironment
  ) throws(DataProblem) {
    let place = "\(title) is not in \(path) (\(reason))\(content)"
    let remedy = "put into it: \(advice.joined(separator: ", "))"
    var mirrors = environment.mirrors.isEmpty ? mirrors : environment.mirrors.map(ownFolder)
    guard environment.allowsDownload else {
      var problem = DataProblem(.missing, "\(place), and downloading is switched off; \(remedy)")
      problem.absence = .init(place, sources: mirrors)
      throw problem
    }
    let made = try DataProblem.translating { () throws(FileProblem) in
      try ExclusiveFolder.makeAll(path)
    }
    defer { ExclusiveFolder.removeEmpty(made) }
    var downloader = Downloader(report: environment.report)
    downloader.isStopped = environment.isStopped
    for file in files {
      do {
        let mirror = try downloader.fetch(
          file, from: mirrors, to: FilePath.join(path, file.name))
        mirrors = [mirror] + mirrors.filter { $0 != mirror }
      } catch {
        if let problem = error.unwritable { throw DataProblem(problem) }
        if error.wasStopped {
          throw DataProblem(.stopped, "stopped while downloading \(title); nothing was trained")
        }
        let attempts = error.attempts.map { "  \($0.url): \($0.reason)\n" }.joined()
        throw DataProblem(
          .missing, "\(place) and could not be downloaded:\n\(attempts)\(remedy)")
      }
    }
  }

  private func ownFolder(_ mirror: String) -> String {
    mirror + (mirror.hasSuffix("/") ? "" : "/") + name
  }
}
