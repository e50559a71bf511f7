import ExptReport
import ExptSweep

/// The progress of a sweep: on a terminal a table that is drawn over, elsewhere one line per event.
final class SweepDisplay {
  private var lines = 0

  /// An event, in a sentence.
  func say(_ sentence: String) {
    if Console.errorIsTerminal { clear() }
    Console.note(sentence)
  }

  /// Draws the current state.
  func draw(_ runner: SweepRunner) {
    guard Console.errorIsTerminal else { return }
    // A line that fills the window can wrap, and one row is the cursor's.
    let text = Self.text(runner, width: Console.width - 1, height: Console.height - 1)
    let erase = eraser
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
    Console.draw(erase + text + "\n")
  }

  /// Removes what was drawn.
  func clear() {
    if lines > 0 { Console.draw(eraser) }
    lines = 0
  }

  private var eraser: String { lines > 0 ? "\r\u{1B}[\(lines)A\u{1B}[J" : "" }

  /// The counts, and a line for each active run, as many as the window has room for.
  static func text(_ runner: SweepRunner, width: Int, height: Int) -> String {
    text(name: runner.file.name, runner.states, width: width, height: height)
  }

  static func text(
    name: String, _ states: [PointState], width: Int, height: Int
  ) -> String {
    var counts: [String] = []
    for stage in PointState.Stage.allCases {
      let count = states.count { $0.stage == stage }
      if count > 0 { counts.append("\(count) \(stage.rawValue)") }
    }
    let line = "\(name): \(counts.joined(separator: ", "))"
    let head = line.count > width ? String(line.prefix(max(1, width - 1))) + "…" : line
    var table = TerminalTable([
      .init("run", isKept: true), .init("epoch", isNumber: true, isKept: true),
      .init("best so far", isNumber: true, isKept: true), .init("settings", isKept: true),
    ])
    let running = states.filter { $0.stage == .running }
    var keys: [String] = []
    for key in running.flatMap({ $0.point.assignments.map(\.key) }) where !keys.contains(key) {
      keys.append(key)
    }
    let short = Dictionary(zip(keys, Words.shortNames(keys)), uniquingKeysWith: { $1 })
    // Three lines are the counts, the titles and how many are not shown.
    let room = max(1, min(16, height - 3))
    for state in running.prefix(room) {
      table.add([
        state.point.name, "\(state.epochsDone)/\(state.point.epochs)",
        state.value.map { Words.metric($0) } ?? "-",
        state.point.assignments.map { "\(short[$0.key] ?? $0.key)=\($0.text)" }.joined(
          separator: " "),
      ])
    }
    guard !running.isEmpty, height > 3 else { return head }
    let rest = running.count > room ? "\nand \(running.count - room) more" : ""
    return head + "\n" + table.fitting(width).text + rest
  }
}
