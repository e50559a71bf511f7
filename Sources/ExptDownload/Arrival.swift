internal import ExptFiles

/// Bytes on their way into a file, summed as they come.
struct Arrival {
  private let file: RemoteFile
  private let writer: AtomicFileWriter
  private let report: @Sendable (String) -> Void
  private var md5 = MD5()
  private var count = 0
  /// The bytes themselves, where their unpacked content may have to be looked at.
  private var kept: [UInt8] = []
  private var lastReport = ContinuousClock.now
  /// What went wrong while writing.
  private(set) var problem: FileProblem?

  init(
    _ file: RemoteFile, _ writer: AtomicFileWriter, _ report: @escaping @Sendable (String) -> Void
  ) {
    self.file = file
    self.writer = writer
    self.report = report
  }

  /// - Returns: False when the bytes cannot be written.
  mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, expected: Int?) -> Bool {
    md5.update(UnsafeRawBufferPointer(bytes))
    count += bytes.count
    if file.unpackedMD5 != nil { kept += bytes }
    do throws(FileProblem) {
      try writer.append(Array(bytes))
    } catch {
      problem = error
      return false
    }
    reportProgress(of: expected)
    return true
  }

  private mutating func reportProgress(of expected: Int?) {
    let now = ContinuousClock.now
    guard now - lastReport >= .seconds(2) else { return }
    lastReport = now
    let whole = expected.map { " of \(megabytes($0))" } ?? ""
    report("downloading \(file.name): \(megabytes(count))\(whole) MB")
  }

  private func megabytes(_ bytes: Int) -> String { "\(bytes / 1_000_000).\(bytes / 100_000 % 10)" }

  /// What is wrong with what has come, if something is.
  func mistake() -> String? {
    let sum = md5.hex
    if sum == file.md5 { return nil }
    if let wanted = file.unpackedMD5, unpackedSum() == wanted { return nil }
    return "its \(count) bytes are not the expected ones (MD5 \(sum), not \(file.md5))"
  }

  /// The MD5 sum of what the bytes unpack to, a megabyte at a time; nil if they are not gzipped,
  /// or hold more than the file may.
  private func unpackedSum() -> String? {
    guard Gzip.isGzip(kept) else { return nil }
    let reader = GzipReader(kept, path: file.name)
    var md5 = MD5()
    var count = 0
    while let part = try? reader.read(upTo: 1 << 20) {
      if part.isEmpty { return md5.hex }
      count += part.count
      if count > file.unpackedLimit { return nil }
      part.withUnsafeBytes { md5.update($0) }
    }
    return nil
  }
}
