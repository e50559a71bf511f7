import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Testing

@testable import ExptReport

private let a = [99.61, 100.02, 99.33, 99.87, 100.40]
private let b = [101.2, 101.9, 100.8, 101.1, 102.5]

/// A group of runs whose best losses are these, seeds from `first` on.
private func makers(_ losses: [Double], rate: String, first: Int = 1) -> [RunMaker] {
  losses.enumerated().map { index, loss in
    var maker = RunMaker()
    maker.seed = UInt64(first + index)
    maker.settings = [("optimizer.learning_rate", rate), ("training.epochs", "3")]
    maker.losses = [loss + 20, loss, loss + 1]
    return maker
  }
}

/// Compares runs made from these makers.
private func compare(_ makers: [RunMaker], metric: String? = nil) throws -> Comparison {
  let folder = TemporaryFolder()
  defer { withExtendedLifetime(folder) {} }
  let runs = try makers.enumerated().map { index, maker in
    RunRecord(RunFolder(path: try maker.make(folder.file("\(index)"))))
  }
  return try Comparison(runs, metric: metric)
}

@Suite("Comparing runs")
struct ComparisonTests {
  // The statistics' own oracles are in StatisticsTests; here the same numbers come from folders.

  @Test func `groups runs by seed and tests two groups with the same seeds in pairs`() throws {
    let comparison = try compare(makers(b, rate: "0.01") + makers(a, rate: "0.001"))
    #expect(comparison.groups.map(\.label) == ["A", "B"])
    #expect(comparison.groups[0].best("validation_loss").values == a)
    #expect(comparison.isRanked && comparison.keys == ["optimizer.learning_rate"])
    let test = try #require(comparison.test)
    #expect(test.kind == .paired && abs(test.p - 0.00041454113591509644) < 1e-9)
    #expect(
      comparison.verdict
        == "The best validation_loss of B is 1.654 nats higher than that of A (95 % confidence "
        + "interval 1.229 to 2.079). Paired t-test over the same 5 seeds: t = 10.82, "
        + "p = 0.00041: chance alone is unlikely to explain it.")
    let text = comparison.overview(width: 140)
    #expect(text.contains("A   99.85 ± 0.41 (5) @2  99.34 … 100.35"), "\(text)")
  }

  @Test func `tests groups with other seeds by Welch's test`() throws {
    let comparison = try compare(
      makers(Array(a[..<4]), rate: "0.001", first: 11) + makers(b, rate: "0.01"))
    let test = try #require(comparison.test)
    #expect(test.kind == .welch && abs(test.p - 0.002283890303911393) < 1e-9)
    #expect(comparison.verdict?.contains("Welch's t-test, 4 against 5 seeds") == true)
  }

  // from scipy import stats   (a, b as above, c = [99.9, 100.3, 99.5])
  // p = [stats.ttest_rel(a, b).pvalue, *(stats.ttest_ind(x, c, equal_var=False).pvalue
  //                                      for x in (a, b))]
  // for k, i in enumerate(sorted(range(3), key=p.__getitem__)):
  //     floor = p[i] = max(0 if k == 0 else floor, min(1, p[i] * (3 - k)))
  @Test func `tests three groups in pairs, corrected for their number`() throws {
    let comparison = try compare(
      makers(b, rate: "0.01") + makers(a, rate: "0.001")
        + makers([99.9, 100.3, 99.5], rate: "0.1", first: 11))
    #expect(comparison.groups.map { $0.deciding("validation_loss").count } == [5, 3, 5])
    let seen = comparison.pairTests.map { ($0.first, $0.second, $0.p) }
    let wanted = [
      (0, 1, 0.86234022862655202), (0, 2, 0.0012436234077452893), (1, 2, 0.012044987887477173),
    ]
    try #require(seen.count == 3)
    for (a, b) in zip(seen, wanted) {
      #expect(a.0 == b.0 && a.1 == b.1 && abs(a.2 - b.2) < 1e-9, "\(a)")
    }
    #expect(
      comparison.verdict
        == "A has the best validation_loss. Chance alone is unlikely to explain its lead over "
        + "C (p = 0.0012). Chance alone may well explain its lead over B "
        + "(p = 0.86). (t-tests of 3 pairs of groups, paired where the seeds are the same, else "
        + "Welch's; p corrected by Holm's method.)")
  }

  // from scipy import stats   (a, b, c as above)
  // d = np.subtract(b, a); d.mean() + np.array([-1, 1]) * stats.t.ppf(.975, 4) * stats.sem(d)
  @Test func `gives programs the tests of all pairs`() throws {
    let comparison = try compare(
      makers(b, rate: "0.01") + makers(a, rate: "0.001")
        + makers([99.9, 100.3, 99.5], rate: "0.1", first: 11) + makers([120], rate: "0.2"))
    let tests = try #require(comparison.json["tests"]?.array)
    let labels = tests.compactMap { $0["groups"]?.array?.compactMap(\.string).joined() }
    #expect(labels == ["AB", "AC", "BC", "AD", "BD", "CD"])
    let best = try #require(tests.dropFirst().first)
    #expect(best["kind"]?.string == "paired")
    #expect(abs((best["difference"]?.double ?? 0) - 1.654) < 1e-9)
    let interval = best["interval"]?.array?.compactMap(\.double) ?? []
    try #require(interval.count == 2)
    #expect(abs(interval[0] - 1.22941264) < 1e-6 && abs(interval[1] - 2.07858736) < 1e-6)
    #expect(abs((best["p"]?.double ?? 0) - 0.00041454113591509644) < 1e-9)
    #expect(abs((best["p_holm"]?.double ?? 0) - 0.0012436234077452893) < 1e-9)
    // A single seed cannot be tested.
    #expect(tests[3]["p"] == .null && tests[3]["p_holm"] == .null && tests[3]["interval"] == .null)
    #expect(abs((tests[3]["difference"]?.double ?? 0) - (120 - 99.846)) < 0.1)
    #expect(comparison.json["test"] == .null)
    let two = try compare(makers(b, rate: "0.01") + makers(a, rate: "0.001"))
    #expect(two.json["tests"]?.array?.count == 1)
    #expect(two.json["tests"]?.array?.first?["p_holm"] == two.json["test"]?["p"])
  }

  @Test func `says why there is no test`() throws {
    let single = try compare(makers([99], rate: "0.1") + makers([98], rate: "0.2"))
    #expect(single.test == nil)
    #expect(single.verdict?.contains("at least two seeds in each group") == true)
  }

  @Test func `counts repetitions of a seed once`() throws {
    let comparison = try compare(makers(a, rate: "0.1") + makers([99.61], rate: "0.1"))
    #expect(comparison.groups[0].runs.count == 6 && comparison.groups[0].distinct.count == 5)
    let note = "(A): they are identical, and count once"
    #expect(comparison.notes.contains { $0.hasSuffix(note) })
  }

  @Test func `does not rank runs on different data, and says why`() throws {
    var other = makers([50, 51], rate: "0.2")
    for index in other.indices {
      other[index].fingerprint = "bb"
      other[index].substitutedFor = "mnist"
    }
    let comparison = try compare(makers(a, rate: "0.1") + other)
    #expect(!comparison.isRanked && comparison.test == nil && comparison.verdict == nil)
    #expect(comparison.groups[0].best("validation_loss").values == a)
    #expect(comparison.reasons.count == 1 && comparison.reasons[0].contains("different data"))
    #expect(comparison.notes.contains { $0.contains("IN PLACE OF 'mnist'") })
    #expect(comparison.json["ranked"]?.bool == false)
  }

  @Test func `reads runs that are being written: an unfinished line is left out`() throws {
    let folder = TemporaryFolder()
    let path = try makers([99], rate: "1")[0].make(folder.file("r"))
    let file = try AppendingFile(path + "/metrics.csv")
    try file.append("4,40,12", isDurable: false)
    let comparison = try Comparison([RunRecord(RunFolder(path: path))])
    #expect(comparison.groups[0].runs[0].table.rows.count == 3)
    #expect(comparison.groups[0].last("validation_loss").values == [100])
  }

  @Test func `leaves out what cannot be read, and goes on`() throws {
    let folder = TemporaryFolder()
    for name in ["1", "2"] { try RunMaker().make(folder.file(name)) }
    try AtomicFile.write("", to: folder.file("1/run.json"))
    try FilePath.remove(folder.file("2/metrics.csv"))
    let comparison = try Comparison(RunIndex.records([folder.path]))
    #expect(comparison.groups.count == 1)
    #expect(comparison.notes.contains { $0.contains("/1 is left out: run.json") })
    #expect(comparison.notes.contains { $0.contains("/2: metrics.csv: there is no such file") })
    #expect(comparison.overview(width: 80).contains("run"))
  }

  @Test func `refuses a metric that no run has, with the nearest one`() throws {
    let problem = #expect(throws: QueryProblem.self) {
      try compare(makers([99], rate: "1"), metric: "validation_los")
    }
    #expect(problem?.help == "did you mean 'validation_loss'?")
  }

  @Test(arguments: [40, 80, 140])
  func `fits every window`(_ width: Int) throws {
    let all = makers(a, rate: "0.1") + makers(b, rate: "0.2") + makers([70], rate: "0.30001")
    let comparison = try compare(all)
    let text = [
      comparison.metricsTable(width: width), try #require(comparison.curves(width: width)),
    ].joined(separator: "\n")
    for line in text.split(separator: "\n") { #expect(line.count <= width, "\(line)") }
    let overview = comparison.overview(width: width).split(separator: "\n").dropFirst()
    for line in overview { #expect(line.count <= width, "\(line)") }
  }

  @Test func `is CSV with a row a run, and JSON with the statistics`() throws {
    let comparison = try compare(makers(a, rate: "0.1") + makers(b, rate: "0.2"))
    let csv = try CSVTable.parse(Array(comparison.csv.utf8), path: "csv")
    #expect(csv.rows.count == 10 && csv.numbers("best.validation_loss") == a + b)
    #expect(csv.numbers("best.validation_loss.epoch") == Array(repeating: 2, count: 10))
    let group = try #require(comparison.json["groups"]?.array?.first)
    let best = try #require(group["statistics"]?["validation_loss"]?["best"])
    #expect(best["n"]?.int == 5)
    #expect(abs((best["sd"]?.double ?? 0) - 0.406115747047565) < 1e-12)
    #expect(comparison.json["test"]?["kind"]?.string == "paired")
  }

  @Test func `runs are judged by what all of them have`() throws {
    let folder = TemporaryFolder()
    let paths = try ["1", "2"].map { try RunMaker().make(folder.file($0)) }
    try AtomicFile.write("epoch,step,train_loss\n1,10,80\n", to: paths[1] + "/metrics.csv")
    let comparison = try Comparison(RunIndex.records([folder.path]))
    #expect(comparison.metric == "train_loss")
    #expect(comparison.metrics.contains("validation_loss"))
  }

  @Test func `labels go on after Z`() {
    #expect(
      [0, 25, 26, 27, 701, 702].map(Comparison.label) == ["A", "Z", "AA", "AB", "ZZ", "AAA"])
  }

  @Test func `the negative ELBO is reconstruction and KL`() throws {
    let folder = TemporaryFolder()
    let path = try RunMaker().make(folder.file("r"))
    try AtomicFile.write(
      "epoch,train_loss,train_reconstruction,train_kl\n1,14,10,2\n", to: path + "/metrics.csv")
    let run = RunMetrics(RunRecord(RunFolder(path: path)))
    #expect(run.last("train_negative_elbo")?.value == 12)
  }
}

@Suite("Curves in the terminal")
struct CurvePlotTests {
  @Test func `draw axes, marks and a legend`() {
    let plot = CurvePlot(
      title: "loss",
      curves: [
        .init(mark: "A", name: "falling", points: (0...10).map { (Double($0), 10 - Double($0)) }),
        .init(mark: "B", name: "flat", points: [(0, 0.5), (10, 0.5)]),
      ], width: 30, height: 5)
    #expect(
      plot.text == """
        loss over epochs
        10 ┤⠒⠢⠤⣀
           │    ⠉⠑⠢⠤⣀
           │         ⠉⠑⠢⠤⣀⣀
           │               ⠉⠒⠢⢄⡀    A
         0 ┤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠬⠵⠶⠦⠤B
           └┬───────────┬──────────┬
            0           5         10
          A falling
          B flat
        """, "\n\(plot.text)")
  }

  @Test func `leave out what is not finite, and need no points at all`() {
    let curve = CurvePlot.Curve(mark: "A", name: "a", points: [(1, .nan), (2, .infinity)])
    #expect(CurvePlot(title: "x", curves: [curve], width: 40).text == "x: nothing to draw yet")
    let one = CurvePlot.Curve(mark: "A", name: "a", points: [(1, 5)])
    #expect(CurvePlot(title: "x", curves: [one], width: 40).text.contains("A"))
  }

  @Test func `have round ticks`() {
    #expect(Ticks.values(from: 0.3, to: 9.7, count: 5) == [2, 4, 6, 8])
    #expect(
      Ticks.labels(Ticks.values(from: 0.001, to: 0.0042, count: 4)) == [
        "0.001", "0.002", "0.003", "0.004",
      ])
    #expect(
      Ticks.labels(Ticks.values(from: 95, to: 430, count: 4)) == ["100", "200", "300", "400"])
    #expect(Ticks.values(from: 3, to: 3, count: 4) == [3])
  }
}

@Suite("The difference of two runs")
struct RunDiffTests {
  @Test func `shows settings with their origins, the rest, and how the metrics relate`() throws {
    let folder = TemporaryFolder()
    var maker = makers([99], rate: "0.1")[0]
    let first = RunRecord(RunFolder(path: try maker.make(folder.file("1"))))
    maker.settings[0].value = "0.2"
    maker.seed = 2
    maker.losses[2] = 7
    maker.fingerprint = "other"
    let second = RunRecord(RunFolder(path: try maker.make(folder.file("2"))))
    let diff = RunDiff(first, second)
    #expect(
      diff.text(width: 200) == """
        a  \(folder.path)/1
        b  \(folder.path)/2

        settings
          seed                     a  1    --seed 1
                                   b  2    --seed 2
          optimizer.learning_rate  a  0.1  a.yaml:1
                                   b  0.2  a.yaml:1

        data
          fingerprint              a  100×1×28×28-aa
                                   b  other

        The metrics differ from epoch 3 on.
        """, "\n\(diff.text(width: 200))")
    #expect(diff.json["settings"]?["seed"]?.array?[1]["value"]?.int == 2)
    #expect(diff.json["settings"]?["seed"]?.array?[1]["origin"]?.string == "--seed 2")
    #expect(
      RunDiff(first, first).text(width: 80).hasSuffix(
        "the settings are the same\n\nThe metrics are the same, bit for bit: 3 epochs."))
  }
}
