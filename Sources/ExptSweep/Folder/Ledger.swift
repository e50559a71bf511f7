public import ExptFiles
import ExptRunFolder

/// What happened in a sweep: a file that only grows, a JSON object a line, each on disk before the
/// sweep goes on.
///
/// `{"time":"2026-01-31T12:00:00Z","event":"started","point":"0007-1f3a9c2e4b5d","process":4711}`
///
/// Events: `sweep` (a start of the sweep), `proposed` (a search chose a point), `started`,
/// `resumed`, `adopted` (found running), `finished`, `paused`, `interrupted`, `failed`, `repeated`,
/// `stopped` (the sweep). A kill can leave a line unfinished; readers pass over it.
public final class Ledger {
  private let file: AppendingFile
  private let now: () -> String

  public init(_ folder: SweepFolder, shard: Shard?) throws(FileProblem) {
    let path = folder.file("ledger\(shard?.suffix ?? "").jsonl")
    let isTorn = (try? FileBytes.read(path))?.last.map { $0 != UInt8(ascii: "\n") } ?? false
    file = try AppendingFile(path)
    now = { Timestamp.now.iso8601 }
    if isTorn { try file.append("\n", isDurable: true) }
  }

  public func append(
    _ event: String, point: String? = nil, details: [(String, JSONValue)] = []
  ) throws(FileProblem) {
    var object = JSONObject()
    object["time"] = .string(now())
    object["event"] = .string(event)
    if let point { object["point"] = .string(point) }
    for (key, value) in details { object[key] = value }
    try file.append(JSONValue.object(object).compact + "\n", isDurable: true)
  }

  /// The events of a sweep in order, those of all its shards.
  public static func read(_ folder: SweepFolder) throws(FileProblem) -> [JSONValue] {
    var events: [JSONValue] = []
    for name in try FilePath.names(in: folder.path)
    where name.hasPrefix("ledger") && name.hasSuffix(".jsonl") {
      let path = folder.file(name)
      for line in try FileBytes.read(path).split(separator: UInt8(ascii: "\n")) {
        if let event = try? JSONValue.parse(Array(line), path: path) { events.append(event) }
      }
    }
    return events
  }
}
