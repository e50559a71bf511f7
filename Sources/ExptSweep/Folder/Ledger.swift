public import ExptFiles
import ExptRunFolder

/// What happened in a sweep: a file that only grows, one JSON object per line, each on disk before the
/// sweep continues.
///
/// `{"time":"2026-01-31T12:00:00Z","seconds":1.5,"event":"started","point":"0007-1f3a9c2e4b5d",…}`
///
/// `seconds` count from the start of the sweep that wrote the line, by a clock that nobody sets.
///
/// Events: `sweep` (a start of the sweep), `proposed` (a search chose a point), `skipped` (a point was
/// drawn that makes no valid model), `started`,
/// `resumed`, `submitted` (to a cluster), `adopted` (found running), `going` (now and then, where the
/// hours are limited), `finished`, `paused`, `interrupted`, `failed`, `repeated`,
/// `stopped` (the sweep). A kill can leave a line unfinished; readers skip it.
public final class Ledger {
  private let file: AppendingFile
  private let now: () -> String
  private let began = ProcessCalls.seconds

  public init(_ folder: SweepFolder, shard: Shard?) throws(FileProblem) {
    let path = folder.file(Self.name(shard))
    let isTorn = (try? FileBytes.read(path))?.last.map { $0 != UInt8(ascii: "\n") } ?? false
    file = try AppendingFile(path)
    now = { Timestamp.now.iso8601 }
    if isTorn { try file.append("\n", isDurable: true) }
  }

  /// Seconds since this start of the sweep.
  var seconds: Double { ProcessCalls.seconds - began }

  public func append(
    _ event: String, point: String? = nil, details: [(String, JSONValue)] = []
  ) throws(FileProblem) {
    var object = JSONObject()
    object["time"] = .string(now())
    object["seconds"] = JSONValue((seconds * 1000).rounded() / 1000)
    object["event"] = .string(event)
    if let point { object["point"] = .string(point) }
    for (key, value) in details { object[key] = value }
    try file.append(JSONValue.object(object).compact + "\n", isDurable: true)
  }

  /// How long the sweep, or this shard of it, has run in all its starts: for each, the seconds up to
  /// its last line.
  static func seconds(_ folder: SweepFolder, shard: Shard?) throws(FileProblem) -> Double {
    let path = folder.file(name(shard))
    guard FilePath.exists(path) else { return 0 }
    var sum = 0.0
    var ofThisStart = 0.0
    for event in try events(path) {
      if event["event"]?.string == "sweep" {
        sum += ofThisStart
        ofThisStart = 0
      }
      ofThisStart = max(ofThisStart, event["seconds"]?.double ?? 0)
    }
    return sum + ofThisStart
  }

  /// The events of a sweep in order, those of all its shards.
  public static func read(_ folder: SweepFolder) throws(FileProblem) -> [JSONValue] {
    var events: [JSONValue] = []
    for name in try FilePath.names(in: folder.path)
    where name.hasPrefix("ledger") && name.hasSuffix(".jsonl") {
      events += try Self.events(folder.file(name))
    }
    return events
  }

  private static func events(_ path: String) throws(FileProblem) -> [JSONValue] {
    try FileBytes.read(path).split(separator: UInt8(ascii: "\n")).compactMap { line in
      try? JSONValue.parse(Array(line), path: path)
    }
  }

  private static func name(_ shard: Shard?) -> String { "ledger\(shard?.suffix ?? "").jsonl" }
}
