import ExptBuiltins
import ExptComponents
import ExptReport
import ExptTraining

/// What `expt check` says about an experiment's data, as text.
struct DataSection {
  let survey: DataSurvey
  let files: [DataFile]

  var text: String {
    ([dataset] + absence + files.map(line) + [table, columns] + classes + repeats
      + survey.likelihood.map { Self.line("likelihood", $0) }
      + survey.notes.map { Self.line("note", $0) })
      .filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private var dataset: String {
    Self.line("data", "\(type(of: survey.dataset).id), each \(survey.image)")
  }

  private var absence: [String] {
    guard let absence = survey.absence else { return [] }
    let isOffline = !DataEnvironment.ofProcess().allowsDownload
    let source =
      absence.sources.first.map {
        isOffline
          ? ", and EXPT_OFFLINE forbids to fetch it" : ", and a run would fetch it from \($0)"
      } ?? ""
    let isFallback = survey.parts.contains { $0.seen > 0 }
    return [
      Self.line("not here", absence.what + source),
      isFallback
        ? Self.line("fallback", "'\(type(of: survey.dataset).id)', as follows, if that fails") : "",
    ]
  }

  private func line(_ file: DataFile) -> String {
    let count = file.count == 1 ? "" : "\(Words.grouped(file.count)) files, "
    return Self.line("reads", "\(file.path) (\(count)\(Format.bytes(file.bytes)))")
  }

  private var table: String {
    guard !survey.parts.isEmpty else { return "" }
    let isSample = survey.parts.contains { $0.seen < $0.count ?? 0 && $0.seen > 0 }
    // Columns have values of their own.
    let hasValues = survey.columns.isEmpty
    var table = TerminalTable(
      ["part", .number(hasValues ? "images" : "examples")]
        + (isSample ? [.number("looked at")] : []) + (hasValues ? Self.valueTitles : []))
    for part in survey.parts {
      let values = part.values
      table.add(
        [part.title, part.count.map(Words.grouped) ?? "?"]
          + (isSample ? [Words.grouped(part.seen)] : [])
          + (hasValues ? Self.cells(values) : []))
    }
    let blindness = survey.blindness.map { "\n" + Self.line("values", "not looked at: \($0)") }
    return table.text + (blindness ?? "")
  }

  private static var valueTitles: [TerminalTable.Column] {
    [.number("least"), .number("greatest"), .number("mean"), "values in 16 bins"]
  }

  private static func cells(_ values: ValueSummary?) -> [String] {
    [
      values.map { brief(Double($0.least)) } ?? "", values.map { brief(Double($0.greatest)) } ?? "",
      values.map { brief($0.mean) } ?? "", values.map(histogram) ?? "",
    ]
  }

  /// What the training rows hold, column by column.
  private var columns: String {
    guard !survey.columns.isEmpty else { return "" }
    var table = TerminalTable(["column", "kind", .number("missing")] + Self.valueTitles)
    for column in survey.columns {
      var cells = Self.cells(column.values)
      if !column.levels.isEmpty {
        let shown = column.levels.prefix(Self.mostLevels).map {
          "\($0.name): \(Words.grouped($0.count))"
        }
        let more = column.levels.count - shown.count
        cells[3] = (shown + (more > 0 ? ["and \(more) more"] : [])).joined(separator: ", ")
      }
      table.add([column.name, column.kind.rawValue, Words.grouped(column.missing)] + cells)
    }
    return table.text
  }

  private static let mostLevels = 5

  /// `0 █▁▁▂ 1`: each bin's height is its share of the fullest one; an empty bin is blank.
  static func histogram(_ values: ValueSummary) -> String {
    let most = max(1, values.bins.max() ?? 1)
    let blocks = Array("▁▂▃▄▅▆▇█")
    let bars = values.bins.map { count -> Character in
      count == 0 ? " " : blocks[min(7, Int(Double(count) / Double(most) * 8))]
    }
    let (lower, upper) = (values.range.lowerBound, values.range.upperBound)
    return "\(brief(Double(lower))) \(String(bars)) \(brief(Double(upper)))"
  }

  private static func brief(_ value: Double) -> String {
    value == 0 ? "0" : Format.significant(value)
  }

  private var classes: [String] {
    survey.parts.compactMap { part in
      guard let classes = part.classes, !classes.isEmpty else { return nil }
      let shown = classes.prefix(Self.mostClasses).map {
        "\($0.name ?? "\($0.label)"): \(Words.grouped($0.count))"
      }
      let more = classes.count - shown.count
      let rest = more > 0 ? ["and \(more) more"] : []
      return Self.line(
        "classes", "\(part.title) \(classes.count) (\((shown + rest).joined(separator: ", ")))")
    }
  }

  private static let mostClasses = 20

  private var repeats: [String] {
    guard survey.parts.contains(where: { $0.seen > 0 }) else { return [] }
    let lines = survey.parts.flatMap { part in
      part.repeats.map { repeats in
        let place =
          repeats.other == part.title ? "repeat an earlier one" : "are also in \(repeats.other)"
        return Self.line(
          "repeated",
          "\(Words.grouped(repeats.count)) of \(part.title) \(place), first \(repeats.first.image) "
            + "(= \(repeats.first.earlier))")
      }
    }
    return lines.isEmpty ? [Self.line("repeated", "nothing occurs twice")] : lines
  }

  private static func line(_ title: String, _ text: String) -> String {
    title + String(repeating: " ", count: max(1, 12 - title.count)) + text
  }
}

extension ExperimentFile {
  /// Looks at the data, as far as they are at hand.
  func look() throws -> DataSection {
    let environment = DataEnvironment.looking(at: experiment.dataset.filesAtHand)
    let survey = try survey(environment)
    return DataSection(survey: survey, files: survey.dataset.filesAtHand(environment))
  }
}
