public import ExptFiles
public import ExptRunFolder

/// A sweep's folder: the file as given, what happened, and its runs.
///
/// | path | holds |
/// | --- | --- |
/// | sweep.yaml | the sweep file as given, byte for byte |
/// | ledger.jsonl | one line per event: see `Ledger` |
/// | points/ | each point's experiment with every setting, and a lock that its process holds |
/// | runs/ | a run folder for each point |
/// | logs/ | the output of each point's process |
/// | failed/ | runs that failed and were repeated |
public struct SweepFolder: Sendable {
  public let path: String

  public init(path: String) { self.path = path }

  public var sweepFile: String { file("sweep.yaml") }
  public var runsFolder: String { file("runs") }
  var pointsFolder: String { file("points") }
  var logsFolder: String { file("logs") }
  var failedFolder: String { file("failed") }

  func file(_ name: String) -> String { FilePath.join(path, name) }

  public func run(_ name: String) -> RunFolder {
    RunFolder(path: FilePath.join(runsFolder, name))
  }
  func experiment(_ name: String) -> String { FilePath.join(pointsFolder, name + ".yaml") }
  func lock(_ name: String) -> String { FilePath.join(pointsFolder, name + ".lock") }
  func log(_ name: String) -> String { FilePath.join(logsFolder, name + ".txt") }

  /// Makes the folder, and keeps every other sweep of the same shard out of it as long as the lock
  /// lives.
  ///
  /// - Throws: `taken` when another process sweeps here, or the folder holds something else.
  public func open(_ text: [UInt8], shard: Shard?) throws(FileProblem) -> FileLock {
    if FilePath.isFolder(path), !FilePath.exists(sweepFile) {
      let others = try FilePath.names(in: path).filter { !$0.hasPrefix(".") }
      guard others.allSatisfy({ ["points", "runs", "logs", "failed"].contains($0) }) else {
        throw FileProblem(
          .taken,
          "this folder holds something else (\(others[0])); name another with --sweep-dir, or "
            + "give the sweep another name.", path: path)
      }
    }
    for folder in [path, pointsFolder, runsFolder, logsFolder] {
      try ExclusiveFolder.makeAll(folder)
    }
    return try ClosedFolder.within(path) { () throws(FileProblem) in
      try take(text, shard: shard)
    }
  }

  private func take(_ text: [UInt8], shard: Shard?) throws(FileProblem) -> FileLock {
    let lock: FileLock
    do { lock = try FileLock(file(".lock" + (shard?.suffix ?? ""))) } catch {
      guard error.code == .taken else { throw error }
      throw FileProblem(
        .taken, "another process is running this sweep; wait for it, or stop it.", path: path)
    }
    for folder in [path, pointsFolder] { try AtomicFile.removeLeftovers(in: folder) }
    if (try? FileBytes.read(sweepFile)) != text { try AtomicFile.write(text, to: sweepFile) }
    return lock
  }

  /// Gives each point the name that it has here already.
  public func name(_ points: inout [Point]) throws(FileProblem) {
    var names: [String: String] = [:]
    for name in try FilePath.names(in: pointsFolder) where name.hasSuffix(".yaml") {
      let stem = String(name.dropLast(5))
      if let dash = stem.firstIndex(of: "-") {
        names[String(stem[stem.index(after: dash)...])] = stem
      }
    }
    for index in points.indices {
      if let name = names[Point.short(points[index].identity)] { points[index].name = name }
    }
  }

  /// Moves a failed run aside, so that it can be repeated.
  func putAside(_ name: String) throws(FileProblem) {
    guard FilePath.exists(run(name).path) else { return }
    try ExclusiveFolder.makeAll(failedFolder)
    for number in 1...10_000 {
      let target = FilePath.join(failedFolder, "\(name)-\(number)")
      if FilePath.exists(target) { continue }
      return try FilePath.move(run(name).path, to: target)
    }
  }
}

/// Every nth point, for sweeps that several machines share by hand.
public struct Shard: Sendable, Hashable {
  public var index: Int
  public var count: Int

  /// Reads `2/4`.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1],
      count >= 1, (1...count).contains(index)
    else { return nil }
    self.index = index
    self.count = count
  }

  public func holds(_ number: Int) -> Bool { (number - 1) % count == index - 1 }

  var suffix: String { "-\(index)-of-\(count)" }
}
