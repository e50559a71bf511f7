import ExptFiles
import ExptReport
import ExptRunFolder
import Synchronization

/// The table of runs: the rows that a window shows, of those that a condition leaves, in an order.
final class RunTable: Sendable {
  static let mostRows = 400

  struct Request: Sendable, Hashable {
    /// As for `expt runs --where` and `--sort`.
    var condition: String?
    var sort: String?
    var showsArchived = false
    var start = 0
    var count = 100
    var ids: [String] = []

    init(_ parameters: Parameters) throws(Refusal) {
      condition = try parameters.text("where")
      sort = try parameters.text("sort", longest: 200)
      showsArchived = parameters.flag("archived")
      start = try parameters.whole("start", in: 0...10_000_000, default: 0)
      count = try parameters.whole("count", in: 0...RunTable.mostRows, default: 100)
      ids = try parameters.list("ids", most: RunTable.mostRows)
    }
  }

  /// What follows from all runs and does not change while they train: columns.
  private struct Columns: Sendable {
    var ids: [String] = []
    var keys: [String] = []
    var labels: [String: String] = [:]
    var folder = ""
  }
  private let library: RunLibrary
  private let columns = Mutex(Columns())

  init(_ library: RunLibrary) { self.library = library }

  /// The folders that runs come from.
  var roots: [String] { library.roots }

  /// Columns and rows as the page shows them.
  ///
  /// A condition with a mistake leaves all runs and says what is wrong with it, with a caret.
  func json(_ request: Request) throws(Refusal) -> JSONValue {
    let snapshot = library.snapshot
    let all = snapshot.entries.filter { request.showsArchived || !$0.record.notes.isArchived }
    let columns = columns(snapshot.entries)
    var (chosen, problem) = (all.map(\.record), String?.none)
    do throws(QueryProblem) {
      if let condition = request.condition { chosen = try Query(condition).filter(chosen) }
      chosen = try RunListing.sorted(chosen, by: request.sort)
    } catch {
      problem = error.rendered
      chosen = (try? RunListing.sorted(all.map(\.record), by: nil)) ?? chosen
    }
    let ordered = chosen.filter(\.notes.isPinned) + chosen.filter { !$0.notes.isPinned }
    let byPath = Dictionary(
      snapshot.entries.map { ($0.record.path, $0) }, uniquingKeysWith: { first, _ in first })
    let metric = Metric.main(of: ordered)
    let end = min(ordered.count, request.start + request.count)
    let window = request.start < end ? ordered[request.start..<end] : []
    func row(_ record: RunRecord) -> JSONValue {
      byPath[record.path].map { self.row($0, columns, metric) } ?? .null
    }
    return [
      "version": JSONValue(snapshot.version),
      "folder": .string(columns.folder),
      "roots": .array(library.roots.map { .string($0) }),
      "total": JSONValue(ordered.count),
      "all": JSONValue(snapshot.entries.count),
      "archived": JSONValue(snapshot.entries.count { $0.record.notes.isArchived }),
      "left_out": JSONValue(snapshot.leftOut),
      "training": .bool(snapshot.isTraining),
      "metric": metric.map { .string($0) } ?? .null,
      "keys": .array(columns.keys.map { .string($0) }),
      "names": .array(Words.shortNames(columns.keys).map { .string($0) }),
      "problem": problem.map { .string($0) } ?? .null,
      "start": JSONValue(request.start),
      "rows": .array(window.map(row)),
      "chosen": .array(
        request.ids.compactMap { snapshot[$0] }.map { self.row($0, columns, metric) }),
    ]
  }

  /// All runs that a condition leaves, in order, at most `most`.
  ///
  /// - Throws: `Refusal` for a mistake in the condition, with a caret.
  func entries(_ request: Request, most: Int) throws(Refusal) -> [RunLibrary.Entry] {
    let snapshot = library.snapshot
    let all = snapshot.entries.filter { request.showsArchived || !$0.record.notes.isArchived }
    do throws(QueryProblem) {
      var runs = all.map(\.record)
      if let condition = request.condition { runs = try Query(condition).filter(runs) }
      let sorted = try RunListing.sorted(runs, by: request.sort).prefix(most)
      let byPath = Dictionary(
        all.map { ($0.record.path, $0) }, uniquingKeysWith: { first, _ in first })
      return sorted.compactMap { byPath[$0.path] }
    } catch {
      throw .bad(error.rendered)
    }
  }

  // MARK: Parts

  private static let mostKeys = 24

  private func columns(_ entries: [RunLibrary.Entry]) -> Columns {
    let ids = entries.map(\.id)
    return columns.withLock { known in
      if known.ids == ids { return known }
      let records = entries.map(\.record)
      let listing = RunListing(records)
      let labels = RunLabels(records)
      known = Columns(
        ids: ids,
        keys: Array(listing.tellingKeys.filter { $0 != "training.epochs" }.prefix(Self.mostKeys)),
        labels: Dictionary(zip(ids, labels.labels), uniquingKeysWith: { first, _ in first }),
        folder: labels.folder)
      return known
    }
  }

  private func row(
    _ entry: RunLibrary.Entry, _ columns: Columns, _ metric: String?
  ) -> JSONValue {
    let run = entry.record
    func number(_ value: Double?) -> JSONValue { value.map { .string(Words.metric($0)) } ?? .null }
    let isLive = [.running, .unknown].contains(run.state)
    return [
      "id": .string(entry.id),
      "label": .string(columns.labels[entry.id] ?? run.path),
      "path": .string(run.path),
      "name": .string(run.name),
      "state": .string(run.state.rawValue),
      "problem": run.problem.map { .string($0) } ?? .null,
      "epochs": JSONValue(run.epochsDone),
      "planned": run.epochsPlanned.map { JSONValue($0) } ?? .null,
      "age": run.age().map { .string(Words.age($0)) } ?? .null,
      // Of a run that is said to train: how long nothing was written.
      "silent": isLive
        ? .string(Words.age(Timestamp.now.seconds - entry.lastWritten)) : .null,
      "progress": isLive ? progress(run) : .null,
      "last": number(metric.flatMap { RunFields.metric($0, in: run) }),
      "best": number(metric.flatMap { RunFields.metric("best.\($0)", in: run) }),
      "best_epoch": run.manifest?.bestMetrics.map { JSONValue($0.epoch) } ?? .null,
      "substituted_for": run.substitutedFor.map { .string($0) } ?? .null,
      "tags": .array(run.notes.tags.map { .string($0) }),
      "note": .string(run.notes.note),
      "pinned": .bool(run.notes.isPinned),
      "archived": .bool(run.notes.isArchived),
      "values": .array(
        columns.keys.map { .string(run.settings.value(of: $0).map { "\($0)" } ?? "–") }),
    ]
  }

  /// `epoch 3: 120 of 430 batches, loss 104.2`.
  private func progress(_ run: RunRecord) -> JSONValue {
    guard let progress = run.folder.progress, progress.epoch > run.epochsDone else { return .null }
    let loss = progress.loss.map { ", loss \(Words.metric($0))" } ?? ""
    return .string(
      "epoch \(progress.epoch): \(progress.batch) of \(progress.batches) batches\(loss)")
  }
}
