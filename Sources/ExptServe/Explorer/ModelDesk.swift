import ExptComponents
import ExptDocument
import ExptFiles
import ExptReport
import ExptTensor
import ExptTraining
import Foundation
import Synchronization

/// Where models work for the page: one job at a time, with at most half of the processors, so that a
/// training beside it goes on. The last models stay open.
///
/// `@unchecked Sendable`: `open` is only touched with `lock` held; all else is constant or locked.
final class ModelDesk: @unchecked Sendable {
  /// Two runs side by side, and one more.
  private static let mostOpen = 3
  static let mostWaiting = 32

  private let catalog: Catalog
  private let environment: DataEnvironment
  private let lock = NSLock()
  private var open: [OpenModel] = []
  private let waiting = Atomic(0)
  private let newest = Mutex<[String: Int]>([:])

  init(catalog: Catalog, environment: DataEnvironment) {
    self.catalog = catalog
    self.environment = environment
  }

  /// A request that a later one of the same channel takes the place of: where the pointer was, while it is
  /// dragged.
  struct Turn: Sendable {
    var channel: String
    var number: Int
  }

  /// - Returns: nil if a later request has come in the meantime.
  func perform<Result>(
    _ entry: RunLibrary.Entry, checkpoint: String?, turn: Turn? = nil,
    _ body: (OpenModel) throws -> Result
  ) throws(Refusal) -> Result? {
    defer { waiting.subtract(1, ordering: .relaxed) }
    guard waiting.add(1, ordering: .relaxed).newValue <= Self.mostWaiting else {
      throw .busy("too many pictures were asked for at once")
    }
    if let turn { note(turn) }
    lock.lock()
    defer { lock.unlock() }
    if let turn, isOvertaken(turn) { return nil }
    do { return try body(model(entry, checkpoint)) } catch { throw Refusal(error) }
  }

  private func note(_ turn: Turn) {
    newest.withLock { newest in
      if newest.count > 256 { newest = [:] }
      newest[turn.channel] = max(newest[turn.channel] ?? 0, turn.number)
    }
  }

  private func isOvertaken(_ turn: Turn) -> Bool {
    newest.withLock { ($0[turn.channel] ?? 0) > turn.number }
  }

  /// The model of a checkpoint, read again where that was written anew.
  private func model(_ entry: RunLibrary.Entry, _ checkpoint: String?) throws -> OpenModel {
    let name = checkpoint ?? ""
    if let place = open.firstIndex(where: { $0.id == entry.id && $0.name == name }) {
      let known = open.remove(at: place)
      if known.isCurrent {
        open.append(known)
        return known
      }
    }
    let threads = max(1, ThreadPool.usableProcessors / 2)
    let model = try OpenModel(
      entry, name, threads: threads, catalog: catalog, environment: environment)
    open.append(model)
    if open.count > Self.mostOpen { open.removeFirst() }
    return model
  }
}

extension Refusal {
  /// Whatever a model could not do.
  init(_ error: any Error) {
    switch error {
    case let refusal as Refusal: self = refusal
    case let problem as FileProblem:
      self.init(problem.code == .missing ? 404 : 409, problem.description)
    case let problem as DataProblem: self.init(409, problem.message)
    case let problem as BuildProblem: self.init(409, problem.message)
    case let problems as Diagnostics: self.init(409, problems.rendered)
    default: self.init(500, "\(error)")
    }
  }
}
