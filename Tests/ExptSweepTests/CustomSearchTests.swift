import ExptBuiltins
import ExptComponents
import ExptDocument
import ExptFiles
import ExptRunFolder
import ExptTesting
import Foundation
import Testing

@testable import ExptSweep

/// Points that fill a space more evenly than random ones.
///
/// Source: Halton, "On the efficiency of certain quasi-random sequences of points", 1960.
private struct Halton: Search {
  static let id = "halton"
  static let summary = "Fills the space evenly."
  static let exampleSettings =
    "{ trials: 4, settings: { x: { uniform: [0, 1] }, y: { uniform: [0, 1] } } }"

  @Group var shared = TrialSettings()
  @Setting("Points of the sequence to leave out first.", .within(0...1000)) var skip: Int = 0

  var draws: Draws? { shared.draws }

  func propose(_ number: Int, after results: [TrialResult]) -> [Assignment] {
    let draws = shared.draws
    let bases = [2, 3, 5, 7]
    return draws.point(
      at: draws.settings.indices.map { reversed(number + 1 + skip, base: bases[$0 % 4]) })
  }

  /// The digits of a number behind the point, backwards.
  private func reversed(_ number: Int, base: Int) -> Double {
    var (rest, value, share) = (number, 0.0, 1.0)
    while rest > 0 {
      share /= Double(base)
      value += share * Double(rest % base)
      rest /= base
    }
    return value
  }
}

/// Every point a little, then the worst of them to the end, and so on.
private struct WorstFirst: Search {
  static let id = "worst_first"
  static let summary = "Goes on with the worst."

  @Setting("Epochs that every point trains first.", .within(1...1000)) var trial: Int = 1

  func next(_ trials: [Trial]) -> (index: Int, until: Int)? {
    let waiting = trials.indices.filter { trials[$0].stage == .waiting }
    if let new = waiting.first(where: { trials[$0].done < trial }) {
      return (new, min(trial, trials[new].epochs))
    }
    func value(_ index: Int) -> Double { trials[index].values[trial] ?? .infinity }
    return waiting.max { value($0) < value($1) }.map { ($0, trials[$0].epochs) }
  }

  func pauses(after epoch: Int, of epochs: Int) -> Bool { epoch == trial && epoch < epochs }
}

/// Trains at once, and writes down what it was asked to.
private final class InstantLauncher: Launcher {
  let capacity = 1
  let attempts = 1
  let folder: SweepFolder
  let loss: (Point, Int) -> Double
  var started: [String] = []
  private var over: [(number: Int, end: ProcessEnd?)] = []

  init(_ folder: SweepFolder, loss: @escaping (Point, Int) -> Double) {
    self.folder = folder
    self.loss = loss
  }

  func start(_ task: RunTask) throws(FileProblem) -> String? {
    let epochs = task.until ?? task.point.epochs
    let values = task.point.assignments.map(\.text).joined(separator: " ")
    started.append("\(values) to \(epochs)")
    let run = folder.run(task.point.name)
    try? FileManager.default.removeItem(atPath: run.path)
    let made = try RunFolder.exact(run.path)
    let table = try MetricsWriter(made.metricsFile, columns: ["epoch", "step", "validation_loss"])
    for epoch in 1...epochs {
      try table.append([
        .integer(epoch), .integer(epoch), .double(loss(task.point, epoch)),
      ])
    }
    try made.write(
      Manifest(
        status: epochs == task.point.epochs ? .finished : .interrupted, name: "small", seed: 1,
        versions: .init(expt: "1", swift: "6"), threads: 1, instructionSet: "avx2",
        dataset: .init(
          name: "digits", fingerprint: "aa", training: 8, validation: 2, test: nil,
          shape: [1, 28, 28]), model: "vae", likelihood: "bernoulli", parameterCount: 1))
    over.append((task.point.number, .exited(0)))
    return "instant"
  }

  func flush() -> [(point: Point, process: String)] { [] }
  func adopt(_ point: Point, _ process: String?) -> String? { nil }
  func ended() -> [(number: Int, end: ProcessEnd?)] {
    defer { over = [] }
    return over
  }
  func interrupt() {}
}

@Suite("A search of somebody's own, one type in their catalog") struct CustomSearchTests {
  private static let searches: [any Component.Type] = [Halton.self, WorstFirst.self]

  /// What the sweep trains, in that order, and how it ends.
  private func run(
    _ text: String, loss: @escaping (Point, Int) -> Double = { _, epoch in 1 / Double(epoch) }
  ) throws -> (started: [String], runner: SweepRunner) {
    let file = try sweep("experiment: { a: 0, b: 0 }\n" + text, adding: Self.searches)
    var maker = try PointMaker(file) { document, _ throws(Diagnostics) in
      let text = ["a", "b"].map { document.root[$0]?.shortFlowText ?? "" }.joined(separator: ",")
      return ResolvedExperiment(identity: text, text: text, epochs: 4, warnings: [])
    }
    let path = NSTemporaryDirectory() + "expt-search-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let folder = SweepFolder(path: path)
    let launcher = InstantLauncher(folder, loss: loss)
    let points = try maker.points().points
    let runner = try SweepRunner(
      maker, points: points, folder: folder, launcher: launcher, options: .init())
    try runner.run()
    return (launcher.started, runner)
  }

  @Test func `chooses the points of a sweep`() throws {
    let text =
      "search: { type: halton, trials: 4, settings: { a: { uniform: [0, 1] }, b: { integer: [1, 3] } } }"
    let (started, runner) = try run(text)
    // 1/2, 1/4, 3/4, 1/8, and the thirds 1/3, 2/3, 1/9, 4/9 of 1 to 3.
    #expect(started == ["0.5 2 to 4", "0.25 3 to 4", "0.75 1 to 4", "0.125 2 to 4"])
    #expect(runner.states.allSatisfy { $0.stage == .finished })
  }

  @Test func `draws at random where it proposes what was tried`() throws {
    let text = "search: { type: halton, trials: 3, settings: { a: { integer: [1, 3] } } }"
    let (started, runner) = try run(text)
    #expect(Set(started) == ["1 to 4", "2 to 4", "3 to 4"])
    #expect(runner.endOfSearch == nil)
  }

  @Test func `chooses how far to train each, pausing the others`() throws {
    let text = "grid: { a: [1, 2, 3] }\nsearch: { type: worst_first, trial: 2 }"
    let (started, _) = try run(text) { point, epoch in
      (["1": 5, "2": 9, "3": 7][point["a"] ?? ""] ?? 0) / Double(epoch)
    }
    #expect(started == ["1 to 2", "2 to 2", "3 to 2", "2 to 4", "3 to 4", "1 to 4"])
  }

  @Test(arguments: [
    ("search: { type: haltn }", "did you mean 'halton'?"),
    (
      "search: { type: halton, settings: { a: { uniform: [0, 1] } } }", "'search.trials' is missing"
    ),
    ("grid: { a: [1] }\nsearch: { type: worst_first, trail: 2 }", "did you mean 'trial'?"),
    ("search: { type: worst_first, trial: 0 }", "'trial' must be from 1 to 1000, not 0"),
    (
      "seeds: 2\nsearch: { type: halton, trials: 1, settings: { a: { uniform: [0, 1] } } }",
      "'halton' chooses the points itself"
    ),
  ])
  func `is validated as all components are`(_ text: String, _ message: String) throws {
    let error = #expect(throws: Diagnostics.self) {
      try sweep("experiment: b.yaml\n" + text, adding: Self.searches)
    }
    #expect(error?.rendered.contains(message) == true, "\(error?.rendered ?? "")")
  }

  @Test func `keeps the contracts of a search`() throws {
    let catalog = try Catalog(Catalog.builtins, adding: Self.searches)
    for type in Self.searches { #expect(Conformance.problems(of: type, in: catalog) == []) }
  }
}
