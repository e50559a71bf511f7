import ExptReport
import ExptSweep

/// A sweep as it goes: on a terminal a table that is drawn over, elsewhere a line an event.
final class SweepDisplay {
  private var lines = 0

  /// An event, in a sentence.
  func say(_ sentence: String) {
    if Console.errorIsTerminal { clear() }
    Console.note(sentence)
  }

  /// Draws how things stand.
  func draw(_ runner: SweepRunner) {
    guard Console.errorIsTerminal else { return }
    clear()
    let text = Self.text(runner, width: Console.width)
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
    Console.draw(text + "\n")
  }

  /// Removes what was drawn.
  func clear() {
    if lines > 0 { Console.draw("\u{1B}[\(lines)A\u{1B}[J") }
    lines = 0
  }

  /// The counts, and a line for each run that is going on.
  static func text(_ runner: SweepRunner, width: Int) -> String {
    var counts: [String] = []
    for stage in PointState.Stage.allCases {
      let count = runner.states.count { $0.stage == stage }
      if count > 0 { counts.append("\(count) \(stage.rawValue)") }
    }
    let head = "\(runner.file.name): \(counts.joined(separator: ", "))"
    var table = TerminalTable([
      .init("run", isKept: true), .init("epoch", isNumber: true, isKept: true),
      .init("best so far", isNumber: true, isKept: true), .init("settings", isKept: true),
    ])
    let running = runner.states.filter { $0.stage == .running }
    for state in running.prefix(16) {
      table.add([
        state.point.name, "\(state.epochsDone)/\(state.point.epochs)",
        state.value.map { Words.metric($0) } ?? "-",
        state.point.assignments.map { "\($0.key)=\($0.text)" }.joined(separator: " "),
      ])
    }
    return running.isEmpty ? head : head + "\n" + table.fitting(width).text
  }
}
