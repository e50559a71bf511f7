import ArgumentParser
import ExptBuiltins
import ExptComponents
import ExptData
import ExptFiles
import ExptReport
import ExptRunFolder
import ExptTraining

/// `expt score RUN`: how strange each example is to the model.
struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Say how strange each example is to the model, and which are too strange.",
    usage: "expt score <run> [<options>]",
    discussion: """
      The higher its score, the stranger an example. reconstruction is the squared error of the \
      reconstruction from the encoder's mean; nll, elbo and iw_nll are the reconstruction term, the \
      negative ELBO and the importance-weighted NLL, in nats, by --samples latents of each example; \
      latent is the Mahalanobis distance of the encoder's mean from those of the training images. An \
      example is above the threshold if its score is greater than the --quantile of the validation \
      images' scores, or where there are none of the training images'.

      Writes a CSV file with one row per example: index (its position in its file or folder, from 0), \
      label, score, above (0 or 1), and which of its values has the greatest squared error, counted from \
      0 (of a table with named columns: the user's columns that the model does not see, score, above, the \
      column with the greatest error, and the error of each column); an NPZ file with the \
      same as arrays, the threshold, and the squared error of every value, parts \
      [count, channels, height, width]; and of images a picture of the strangest above their \
      reconstructions. Where the dataset leaves classes out (leave_out), also says how well the score \
      finds them, as 'expt evaluate --evaluator anomaly' does. Prints the path of each file written.
      """)

  @OptionGroup var trained: TrainedOptions
  @OptionGroup var data: SplitOptions

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "Score these data instead, a dataset as an experiment file has it: "
        + "'{type: npz, path: new.npz}'. Its test images, or where there are none all others.",
      valueName: "dataset"))
  var other: String?

  @Option(
    help: ArgumentHelp(
      "The score: reconstruction, nll, elbo, iw_nll or latent.", valueName: "name"))
  var score: AnomalyScore = .reconstruction

  @Option(
    name: .short("s", "samples"),
    help: ArgumentHelp("Posterior samples of each example.", valueName: "number"))
  var samples = 50

  @Option(help: ArgumentHelp("The seed of the samples.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "The share of validation images that are not above the threshold.", valueName: "share"))
  var quantile = 0.95

  @Option(
    name: .short("n", "limit"),
    help: ArgumentHelp("Only the first N examples; default: all.", valueName: "number"))
  var limit: Int?

  @Option(help: ArgumentHelp("Number of strangest examples to show.", valueName: "number"))
  var count = 64

  @OptionGroup var pictures: PictureOptions

  @Flag(help: "Print JSON instead of text.")
  var json = false

  func validate() throws {
    try Self.check("--samples", samples, in: 1...100_000)
    try Self.check("--limit", limit, in: 1...Int(Int32.max))
    try Self.check("--count", count, in: 1...65_536)
    try Self.check("--quantile", quantile, in: 0...1)
    if other != nil, data.split != nil {
      throw ValidationError("--data gives the examples, and --split chooses among the run's own")
    }
  }

  func run() throws { try printing(make) }

  func make() throws -> [String] {
    let run = try trained.open()
    let all = try run.data(.ofProcess(), warn: Console.warning)
    let part = try examples(run, all)
    if other == nil, data.split == nil, part.split != .test {
      Console.note("'\(all.name)' has no test images: scoring the \(part.split) images")
    }
    let held: Split = all.splits.validation.isEmpty ? .train : .validation
    let threshold = try Threshold(
      of: values(TrainedSubject(run, all.part(held))), quantile: quantile, part: held)
    let subject = TrainedSubject(run, part)
    let scored = ScoredExamples(
      part, subject.leftOut, scores: try values(subject),
      parts: try AnomalyScore.squaredErrors(of: subject), threshold)
    try part.images.checkRead()
    try all.splits.images.checkRead()
    let written = try write(scored, subject, part, run)
    let report = ScoredReport(
      heading: EvaluationHeading(run: run, split: part.split, count: part.count), examples: scored,
      method: score.description(samples: samples), score: score.rawValue,
      isForeign: other != nil)
    if json { return [String(report.json(files: written).pretty.dropLast())] }
    return [report.text(worst: min(count, 10)), ""] + written
  }

  private func examples(_ run: TrainedRun, _ all: TrainedData) throws -> TrainedData.Part {
    guard let dataset = try dataset() else { return try all.part(data.split, limit: limit) }
    return try run.foreign(dataset, beside: all, limit: limit, .ofProcess())
  }

  /// The one given; nil: the run's own.
  private func dataset() throws -> (any Dataset)? {
    try other.map { try ComponentText($0, option: "--data").read(.dataset) }
  }

  private func values(_ subject: TrainedSubject) throws -> [Double] {
    try score.values(of: subject, samples: samples, seed: seed)
  }

  private func write(
    _ scored: ScoredExamples, _ subject: TrainedSubject, _ part: TrainedData.Part,
    _ run: TrainedRun
  ) throws -> [String] {
    if pictures.files.namesFile {
      throw CommandFailure(.usage, "score writes several files: name a folder with -o")
    }
    let whose = other == nil ? "\(part.split)" : "data"
    let stem = "scores-\(score.rawValue)-\(whose)-\(run.stage)"
    let targets = try pictures.files.targets(stem, ["csv", "npz"], of: run.folder)
    for target in targets {
      if target.ending == "npz" {
        try NPZ.write(scored.arrays, to: target.path)
      } else if let table = try TableCSV(part, of: run, dataset()) {
        try scored.writeCSV(to: target.path, table)
      } else {
        try scored.writeCSV(to: target.path)
      }
    }
    guard !part.images.isTable else { return targets.map(\.path) }
    let worst = scored.strangest(count)
    let size = run.access.image.count
    let shown = worst.flatMap { subject.presented[$0 * size..<($0 + 1) * size] }
    let encodings = subject.encodings.selecting(worst)
    let reconstructed = run.access.decode(encodings.points, given: encodings.annotations)
    let picture = Pictures.pairs(shown, reconstructed, shape: run.access.image)
    return try targets.map(\.path)
      + pictures.targets("strangest-\(score.rawValue)-\(whose)-\(run.stage)", of: run).write(
        picture)
  }
}

extension AnomalyScore: ExpressibleByArgument {}

/// From which score on an example is too strange.
struct Threshold {
  let value: Double
  let quantile: Double
  /// Which images it is taken from, and how many those are.
  let part: Split
  let count: Int

  /// The smallest score that at least the share `quantile` of these do not exceed.
  init(of scores: [Double], quantile: Double, part: Split) {
    let sorted = scores.sorted()
    let place = Int((quantile * Double(sorted.count)).rounded(.up)) - 1
    value = sorted[min(max(0, place), sorted.count - 1)]
    (self.quantile, self.part, count) = (quantile, part, scores.count)
  }
}

/// Examples with their scores.
struct ScoredExamples {
  let scores: [Double]
  let threshold: Threshold
  /// How well the scores find the classes that training left out; nil where there are none.
  let ranking: BinaryRanking?
  /// (x − x̂)² of each value, `[count] + image`.
  private let parts: [Float]
  private let size: Int
  private let part: TrainedData.Part

  init(
    _ part: TrainedData.Part, _ leftOut: [Int], scores: [Double], parts: [Float],
    _ threshold: Threshold
  ) {
    (self.part, self.scores, self.parts, self.threshold) = (part, scores, parts, threshold)
    size = parts.count / max(1, scores.count)
    let labels = part.images.labels
    ranking =
      leftOut.isEmpty
      ? nil
      : labels.flatMap { labels in
        BinaryRanking(scores, isSought: part.range.map { leftOut.contains(Int(labels[$0])) })
      }
  }

  var count: Int { scores.count }
  var above: Int { scores.indices.count(where: isAbove) }

  func isAbove(_ example: Int) -> Bool { scores[example] > threshold.value }
  func row(_ example: Int) -> Int { part.row(example) }
  func label(_ example: Int) -> Int? {
    part.images.labels.map { Int($0[part.range.lowerBound + example]) }
  }

  /// The class by its number, or of a table by its name.
  func className(_ example: Int) -> String? {
    guard let label = label(example) else { return nil }
    let classes = part.images.table?.classes ?? []
    return classes.indices.contains(label) ? classes[label] : "\(label)"
  }

  /// The value with the greatest squared error, the first of several.
  func greatestPart(_ example: Int) -> Int {
    let own = parts[example * size..<(example + 1) * size]
    return (own.firstIndex { $0 == own.max() } ?? own.startIndex) - own.startIndex
  }

  /// Where that is: `column 3`.
  func place(_ example: Int) -> String { part.images.place(greatestPart(example)) }

  /// The numbers of the examples with the highest scores, the strangest first.
  func strangest(_ limit: Int) -> [Int] {
    let order = scores.indices.sorted {
      scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1]
    }
    return Array(order.prefix(limit))
  }

  // MARK: Files

  var arrays: [(name: String, array: NPYArray)] {
    let order = part.orderOfFile
    var arrays: [(name: String, array: NPYArray)] = [
      ("index", NPYArray(shape: [count], int64s: order.map { Int64(row($0)) })),
      ("scores", NPYArray(shape: [count], floats: order.map { Float(scores[$0]) })),
      ("above", NPYArray(shape: [count], int64s: order.map { isAbove($0) ? 1 : 0 })),
      ("threshold", NPYArray(shape: [1], floats: [Float(threshold.value)])),
      (
        "parts",
        NPYArray(
          shape: [count] + part.images.shape.dimensions,
          floats: order.flatMap { parts[$0 * size..<($0 + 1) * size] })
      ),
    ]
    if part.images.labels != nil {
      arrays.append(
        ("labels", NPYArray(shape: [count], int64s: order.map { Int64(label($0) ?? 0) })))
    }
    return arrays
  }

  /// Beside the user's own cells, with the error of each column: of a window the sum over its rows.
  func writeCSV(to path: String, _ table: TableCSV) throws(FileProblem) {
    let columns = table.table.columns
    let header = ["score", "above", "greatest_part"] + columns.map { "error_\($0.name)" }
    try table.write(to: path, header.map(table.own)) { example in
      let errors = columns.indices.map { column in
        table.table.values(of: column).reduce(0.0) { $0 + Double(parts[example * size + $1]) }
      }
      let greatest = table.table.valueNames[greatestPart(example)]
      return [CSV.field(scores[example]), isAbove(example) ? "1" : "0", greatest]
        + errors.map { CSV.field(Float($0)) }
    }
  }

  func writeCSV(to path: String) throws(FileProblem) {
    let writer = try AtomicFileWriter(path)
    let hasLabels = part.images.labels != nil
    let header = ["index"] + (hasLabels ? ["label"] : []) + ["score", "above", "greatest_part"]
    try writer.append(Array(CSV.line(header).utf8))
    for example in part.orderOfFile {
      let row =
        ["\(row(example))"] + (label(example).map { ["\($0)"] } ?? [])
        + [
          CSV.field(scores[example]), isAbove(example) ? "1" : "0", "\(greatestPart(example))",
        ]
      try writer.append(Array(CSV.line(row).utf8))
    }
    try writer.commit()
  }
}

/// What was found, as a person and as a program reads it.
struct ScoredReport {
  var heading: EvaluationHeading
  var examples: ScoredExamples
  /// How the score is defined.
  var method: String
  var score: String
  var isForeign: Bool

  func text(worst: Int) -> String {
    let threshold = examples.threshold
    let share = 100 * Double(examples.above) / Double(examples.count)
    var lines = [
      isForeign
        ? "\(heading.run.folder.path), \(heading.run.checkpoint) (epoch \(heading.run.position.epoch))\n"
          + "\(Format.grouped(Double(examples.count))) examples of the data given"
        : heading.text(),
      "score \(score), the higher the stranger: \(method)", "",
      "threshold \(Format.significant(threshold.value)): the \(Format.significant(threshold.quantile)) "
        + "quantile of \(Format.grouped(Double(threshold.count))) \(threshold.part) images",
      "above it: \(Format.grouped(Double(examples.above))) (\(Format.fixed(share, 1)) %)",
    ]
    if let ranking = examples.ranking {
      let auroc = ranking.auroc
      lines.append(
        "the classes left out of training: AUROC \(Format.fixed(auroc.mean, 4))"
          + (auroc.standardError.map { " ± \(Format.fixed($0, 4))" } ?? "")
          + ", average precision \(Format.fixed(ranking.averagePrecision, 4)), precision at n "
          + Format.fixed(ranking.precisionAtN, 4))
    }
    return (lines + ["", table(worst).text]).joined(separator: "\n")
  }

  private func table(_ worst: Int) -> TerminalTable {
    let strangest = examples.strangest(worst)
    let hasLabels = strangest.first.flatMap(examples.label) != nil
    var table = TerminalTable(
      [.number("index")] + (hasLabels ? [.number("label")] : [])
        + [.number("score"), .init("greatest error at")])
    for example in strangest {
      table.add(
        ["\(examples.row(example))"] + (examples.className(example).map { [$0] } ?? [])
          + [Format.significant(examples.scores[example]), examples.place(example)])
    }
    return table
  }

  func json(files: [String]) -> JSONValue {
    var fields = heading.json
    if isForeign { for key in ["split", "dataset", "substituted_for"] { fields[key] = .null } }
    fields["score"] = .string(score)
    fields["method"] = .string(method)
    fields["threshold"] = JSONValue(examples.threshold.value)
    fields["quantile"] = JSONValue(examples.threshold.quantile)
    fields["threshold_split"] = .string(examples.threshold.part.rawValue)
    fields["above"] = JSONValue(examples.above)
    if let ranking = examples.ranking {
      fields["auroc"] = JSONValue(ranking.auroc.mean)
      fields["average_precision"] = JSONValue(ranking.averagePrecision)
      fields["precision_at_n"] = JSONValue(ranking.precisionAtN)
    }
    fields["files"] = .array(files.map { .string($0) })
    return .object(fields)
  }
}
