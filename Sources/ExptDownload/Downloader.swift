public import ExptFiles

/// Fetches files from mirrors in turn. A file appears complete and checked, or not at all.
///
///     let downloader = Downloader(report: { print($0) })
///     try downloader.fetch(file, from: ["https://a.org/mnist/", "https://b.org/mnist/"],
///       to: "data/mnist/train-images-idx3-ubyte.gz")
///
/// The bytes go to a temporary name beside the target, are checked against the file's MD5 sum, and
/// the file is renamed. A mirror that fails in any way gives way to the next.
public struct Downloader: Sendable {
  /// For looking up the name, connecting and the TLS handshake, at the first mirror; the others get
  /// half as long, so that without a network one is told soon. The default is 4 s.
  public var connectTimeout: Duration = .seconds(4)
  /// The longest wait without a byte. The default is 10 s.
  public var stallTimeout: Duration = .seconds(10)
  /// A mirror that sends fewer than `slowBytes` in each such span of time gives way to the next, so
  /// that one that sends a byte a second does not hold a run up forever. The defaults are 30 s and
  /// 60,000 bytes, 2 kB/s.
  public var slowTimeout: Duration = .seconds(30)
  public var slowBytes = 60_000
  /// Asked often whether to stop.
  public var isStopped: @Sendable () -> Bool = { false }
  /// Told what is being fetched, at most every other second.
  public var report: @Sendable (String) -> Void

  public init(report: @escaping @Sendable (String) -> Void = { _ in }) {
    self.report = report
  }

  /// Makes `path` the wanted file. The folder must be there.
  ///
  /// - Returns: The mirror that had it.
  /// - Throws: `DownloadProblem`, with the reason of each mirror.
  @discardableResult
  public func fetch(
    _ file: RemoteFile, from mirrors: [String], to path: String
  ) throws(DownloadProblem) -> String {
    var attempts: [DownloadProblem.Attempt] = []
    for mirror in mirrors {
      let url = mirror + (mirror.hasSuffix("/") ? "" : "/") + file.name
      let timeout = attempts.isEmpty ? connectTimeout : connectTimeout / 2
      report("downloading \(url)")
      do throws(FileProblem) {
        guard let reason = try attempt(file, url, timeout, to: path) else { return mirror }
        attempts.append(.init(url: url, reason: reason))
        if isStopped() { break }
        report("could not download \(url): \(reason)")
      } catch {
        throw DownloadProblem(file: file.name, attempts: attempts, unwritable: error)
      }
    }
    throw DownloadProblem(
      file: file.name, attempts: attempts, unwritable: nil, wasStopped: isStopped())
  }

  /// - Returns: nil when the file is in place, else what is wrong with the mirror.
  /// - Throws: What is wrong with the place to write to, which no other mirror can help.
  private func attempt(
    _ file: RemoteFile, _ url: String, _ connectTimeout: Duration, to path: String
  ) throws(FileProblem) -> String? {
    let writer = try AtomicFileWriter(path)
    var arrival = Arrival(file, writer, report)
    let transfer = Transfer(
      url: url, connectTimeout: connectTimeout, stallTimeout: stallTimeout,
      slowTimeout: slowTimeout, slowBytes: slowBytes, limit: file.limit, isStopped: isStopped)
    let reason = transfer.run { arrival.take($0, expected: $1) }
    if let problem = arrival.problem { throw problem }
    if let reason { return reason }
    if let reason = arrival.mistake() { return reason }
    try writer.commit()
    return nil
  }
}

/// Why a file could not be had.
public struct DownloadProblem: Error, Sendable {
  public struct Attempt: Sendable {
    public var url: String
    public var reason: String
  }
  public var file: String
  public var attempts: [Attempt]
  /// What is wrong with the place to write to, if that was it.
  public var unwritable: FileProblem?
  /// Whether the user asked to stop.
  public var wasStopped = false
}

/// A file to be had from several places, and how to know that it is the right one.
public struct RemoteFile: Sendable {
  /// Its name under each mirror: `train-images-idx3-ubyte.gz`.
  public var name: String
  /// The MD5 sum of the file.
  public var md5: String
  /// The MD5 sum of what it holds when gunzipped: right content in another wrapping is accepted too.
  public var unpackedMD5: String?
  /// The most bytes accepted. The default is 64 MiB.
  public var limit: Int
  /// The most bytes that a file in another wrapping is unpacked to, to see whether it is the right
  /// one. The default is 64 MiB, more than MNIST's largest file.
  public var unpackedLimit = 64 << 20

  public init(name: String, md5: String, unpackedMD5: String? = nil, limit: Int = 64 << 20) {
    self.name = name
    self.md5 = md5
    self.unpackedMD5 = unpackedMD5
    self.limit = limit
  }
}
