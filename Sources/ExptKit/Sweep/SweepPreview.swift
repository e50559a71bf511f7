import ExptFiles
import ExptReport
import ExptRunFolder
import ExptSweep
import Foundation

/// What `expt sweep --dry-run` prints: the points, and how long they may take.
enum SweepPreview {
  static func print(
    _ points: [Point], _ maker: PointMaker, _ program: RunProgram, jobs: Int, _ format: TableFormat
  ) throws {
    if let search = maker.file.search, let draws = search.draws {
      let keys = draws.settings.map(\.key).joined(separator: ", ")
      Console.result("\(Words.count(draws.count, "trial")) chosen by \(search.id): \(keys)")
    } else if format.json {
      Console.result(String(json(points).dropLast()))
    } else if format.csv {
      let rows = points.map { CSV.line([String($0.number), $0.identity, settings($0)]) }
      let table = CSV.line(["number", "identity", "settings"]) + rows.joined()
      Console.result(String(table.dropLast()))
    } else {
      var table = TerminalTable([
        .init("point", isKept: true), .init("epochs", isNumber: true, isKept: true),
        .init("settings", isKept: true),
      ])
      for point in points { table.add([point.name, String(point.epochs), settings(point)]) }
      Console.result(table.fitting(Console.listWidth).text)
    }
    Console.note(try estimate(points, maker, program, jobs: jobs))
  }

  private static func settings(_ point: Point) -> String {
    point.assignments.map { "\($0.key)=\($0.text)" }.joined(separator: " ")
  }

  private static func json(_ points: [Point]) -> String {
    JSONValue.array(
      points.map { point in
        var one = JSONObject()
        one["number"] = JSONValue(point.number)
        one["name"] = .string(point.name)
        one["identity"] = .string(point.identity)
        one["epochs"] = JSONValue(point.epochs)
        one["settings"] = .object(point.assignments.json)
        return .object(one)
      }
    ).pretty
  }

  /// Trains the first point for two epochs, three times, in a folder that is removed; once if that
  /// takes long.
  private static func estimate(
    _ points: [Point], _ maker: PointMaker, _ program: RunProgram, jobs: Int
  ) throws -> String {
    guard let point = points.first, let text = point.text else {
      return "No time estimate: nothing to probe."
    }
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("expt-probe-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let file = FilePath.join(folder, "point.yaml")
    try AtomicFile.write(text, to: file)
    var probes: [TimeEstimate.Probe] = []
    while probes.count < 3, probes.reduce(0, { $0 + $1.whole }) < 10 {
      let run = FilePath.join(folder, "run-\(probes.count)")
      let began = ContinuousClock.now
      let (status, _) = try OwnProgram.run(
        [
          "run", file, "--run-dir", run, "--quiet", "--threads", String(program.threads),
          "--set", "training.epochs=\(min(2, point.epochs))",
        ], environment: [:], isSilent: !probes.isEmpty)  // what it says is the same each time
      let whole = (ContinuousClock.now - began) / .seconds(1)
      guard status == 0 else { return "No time estimate: the probe exited with \(status)." }
      let timing = try? MetricsTable.read(RunFolder(path: run).timingFile)
      probes.append(.init(whole: whole, epochs: timing?["train_seconds"] ?? [whole]))
    }
    guard let estimate = TimeEstimate(probes) else { return "No time estimate." }
    let all = estimate.seconds(points.map(\.epochs), jobs: jobs)
    return "Roughly \(Words.duration(all)) for "
      + "\(Words.count(points.count, "point")) with \(Words.count(jobs, "job")): estimated from "
      + "the shortest of \(Words.count(probes.count, "probe")) of \(point.name) on "
      + "\(Words.count(program.threads, "thread")), \(Words.fixed(estimate.epoch, 2)) s per epoch and "
      + "\(Words.fixed(estimate.around, 2)) s of start and end. Other points may take more or less time, "
      + "and a busy machine takes more."
  }
}
