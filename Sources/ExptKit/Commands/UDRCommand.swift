import ArgumentParser
import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptReport
import ExptRunFolder
import ExptTraining

/// `expt udr RUN…`: how alike the latents of runs of several seeds are.
struct UDRCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "udr",
    abstract: "Rank runs of several seeds by how alike their latents are (UDR).",
    usage: "expt udr <run> ... [<options>]",
    discussion: """
      Disentangled latents are found again by every seed, up to their order and sign. UDR compares the \
      latents of each pair of runs on the same images by Spearman's correlation (Duan et al. 2020); a run's \
      score is the median over the others, 1 where all are alike. No labels or factors are needed. The runs \
      should differ in their seed alone. The scores are kept in each run's evaluations.json as udr.
      """)

  @Argument(
    help: ArgumentHelp("Runs, or folders of runs; at least two.", valueName: "run"),
    completion: Completions.runOrFolder)
  var runs: [String]

  @OptionGroup var place: RunsFolderOption
  @OptionGroup var data: SplitOptions

  @Option(
    name: .short("n", "limit"),
    help: ArgumentHelp("Only the first N images; default: 10000.", valueName: "number"))
  var limit = 10_000

  @OptionGroup var threading: ThreadsOption

  @Flag(help: "Print JSON instead of a table.") var json = false

  func validate() throws { try Self.check("--limit", limit, in: 2...Int(Int32.max)) }

  func run() throws { try printing(make) }

  func make() throws -> [String] {
    let records = try place.records(runs)
    var (opened, encodings, split): ([TrainedRun], [Encodings], Split?) = ([], [], nil)
    for record in records {
      let run = try TrainedRun.open(
        record.folder.path, threads: threading.count, catalog: Expt.catalog)
      run.concerns.forEach(Console.warning)
      let part = try data.load(run, limit: limit)
      opened.append(run)
      encodings.append(run.encode(part))
      try part.images.checkRead()
      split = part.split
    }
    warnOfDifferences(opened)
    let udr = try UDR(encodings)
    let count = encodings[0].count
    for (run, score) in zip(opened, udr.scores) {
      keep(score, run, opened, part: split?.rawValue ?? "", images: count)
    }
    if json { return [String(Self.json(udr, opened, images: count).pretty.dropLast())] }
    var table = TerminalTable([.init("run", isKept: true), .number("UDR")])
    let order = opened.indices.sorted { udr.scores[$0] > udr.scores[$1] }
    for place in order {
      table.add([opened[place].folder.path, Format.fixed(udr.scores[place], 4)])
    }
    return ["\(Format.grouped(Double(count))) \(split?.rawValue ?? "") images", table.text]
  }

  /// Runs that saw other data, or are other models, are ranked and not compared in the sense of UDR.
  private func warnOfDifferences(_ runs: [TrainedRun]) {
    if Set(runs.map(\.manifest.dataset.fingerprint)).count > 1 {
      Console.warning("these runs were trained on different data: their images are not the same")
    }
    if Set(runs.map { "\($0.manifest.model) \($0.experiment.seed)" }).count < runs.count {
      Console.warning(
        "two of these runs have the same model and seed: they are alike by themselves")
    }
  }

  private func keep(
    _ score: Double, _ run: TrainedRun, _ all: [TrainedRun], part: String, images: Int
  ) {
    let others = all.map(\.folder.path).filter { $0 != run.folder.path }.sorted()
    let entry = Evaluations.Entry(
      Evaluations.Way(
        evaluator: "udr", settings: ["runs": .array(others.map { .string($0) })], part: part,
        images: images, checkpoint: run.weightsName,
        fingerprint: run.manifest.dataset.fingerprint),
      epoch: run.position.epoch, step: run.position.step, isHigherBetter: true,
      method:
        "Spearman's correlation of informative latents, median over \(others.count) other runs",
      numbers: [.init("udr", score, standardError: nil, unit: nil)], version: Version.text)
    do { try run.folder.keep([entry]) } catch {
      Console.warning("the result is not kept in the run folder: \(error)")
    }
  }

  private static func json(_ udr: UDR, _ runs: [TrainedRun], images: Int) -> JSONValue {
    [
      "images": JSONValue(images), "runs": .array(runs.map { .string($0.folder.path) }),
      "udr": .array(udr.scores.map { JSONValue($0) }),
      "pairs": .array(udr.pairs.map { .array($0.map { JSONValue($0) }) }),
    ]
  }
}
