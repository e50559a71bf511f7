import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTraining

extension DataEnvironment {
  /// What data are looked at with: all processors, nothing fetched, and of a folder of files as many as are
  /// unpacked in a few seconds.
  ///
  /// - Parameter files: Those that will be read.
  static func looking(at files: (DataEnvironment) -> [DataFile]) -> DataEnvironment {
    var environment = ofProcess(quiet: true)
    environment.pool = ThreadPool(threads: ThreadPool.usableProcessors)
    environment.allowsDownload = false
    guard let folder = files(environment).max(by: { $0.count < $1.count }), folder.count > 1 else {
      return environment
    }
    let most = bytesUnpacked / max(1, folder.bytes / folder.count)
    environment.sample = min(DataSurvey.sample, max(64, most))
    return environment
  }

  private static let bytesUnpacked = 128_000_000
}
