import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Testing

@testable import ExptReport

@Suite("Listing runs")
struct RunListingTests {
  private let folder = TemporaryFolder()

  /// Two finished runs and a broken one, in a folder.
  private func listing() throws -> RunListing {
    var maker = RunMaker()
    maker.created = Timestamp(seconds: 1_770_000_000)
    for (index, beta) in ["1.0", "4.0"].enumerated() {
      maker.seed = UInt64(index)
      maker.settings = [
        ("model.type", "vae"), ("model.beta", beta), ("model.encoder.hidden", "[\(index)]"),
        ("training.epochs", "\(index + 3)"),
      ]
      maker.losses = [110, 100.126 + Double(index), 103]
      try maker.make(folder.file("vae/\(index)"))
    }
    let broken = try maker.make(folder.file("vae/broken"))
    try AtomicFile.write("{", to: broken + "/run.json")
    let runs = try RunIndex.records([folder.path])
    return RunListing(runs, now: Timestamp(seconds: 1_770_000_000 + 3 * 3600))
  }

  @Test func `shows status, age, epochs, the main metric and what differs`() throws {
    let (text, hidden) = try listing().table(width: 100)
    #expect(hidden.isEmpty)
    #expect(
      text == """
        3 runs in \(folder.path)/vae

        run     status      age  epochs  validation_loss  best @epoch  seed  beta  encoder.hidden
        0       finished    3 h     3/3           103.00    100.13 @2     0     1  [0]
        1       finished    3 h     3/4           103.00    101.13 @2     1     4  [1]
        broken  unreadable                             –            –     1     4  [1]
        """, "\n\(text)")
  }

  @Test(arguments: [40, 60, 80, 100, 140])
  func `fits every window, and says what it left out`(_ width: Int) throws {
    let (text, hidden) = try listing().table(width: width)
    let table = text.split(separator: "\n").dropFirst()
    #expect(table.allSatisfy { $0.count <= width })
    let shown = table.first?.split(separator: " ").map(String.init) ?? []
    #expect(hidden.allSatisfy { !shown.contains($0) })
    #expect(width < 100 || hidden.isEmpty)
    #expect(width > 60 || !hidden.isEmpty)
  }

  @Test func `sorts by anything, from either end, what is missing last`() throws {
    let runs = try listing().runs
    func order(_ name: String?) throws -> [String] {
      try RunListing.sorted(runs, by: name).map { FilePath.name(of: $0.path) }
    }
    #expect(try order("best.validation_loss") == ["0", "1", "broken"])
    #expect(try order("-best.validation_loss") == ["1", "0", "broken"])
    #expect(try order("-path") == ["broken", "1", "0"])
    #expect(throws: QueryProblem.self) { try order("validation_los") }
  }

  @Test func `is CSV that reads back`() throws {
    let listing = try listing()
    let table = try CSVTable.parse(Array(listing.csv.utf8), path: "csv")
    #expect(table.rows.count == 3)
    #expect(table.numbers("best.validation_loss")?[0] == 100.126)
    #expect(table.numbers("model.beta")?[1] == 4)
    let problems = try #require(table.column("problem"))
    #expect(table.rows[2][problems].hasPrefix("run.json: this is not valid JSON"))
  }

  @Test func `has a column each for the seed and the time, and with all settings the same columns`()
    throws
  {
    let listing = try listing()
    let table = try CSVTable.parse(Array(listing.csv.utf8), path: "csv")
    #expect(table.numbers("seed")?.prefix(2) == [0, 1])
    let created = try #require(table.column("created"))
    #expect(table.rows[0][created] == "2026-02-02T02:40:00Z")
    #expect(!table.header.contains("model.type") && table.header.count { $0 == "seed" } == 1)

    let whole = RunListing(listing.runs, allSettings: true)
    let all = try CSVTable.parse(Array(whole.csv.utf8), path: "csv").header
    for key in ["model.type", "model.beta", "model.encoder.hidden", "training.epochs"] {
      #expect(all.contains(key))
    }
    let one = RunListing([listing.runs[0]], allSettings: true)
    #expect(try CSVTable.parse(Array(one.csv.utf8), path: "csv").header == all)
  }

  @Test func `when a run was made is a name in conditions and for sorting`() throws {
    var maker = RunMaker()
    for seconds in [1_770_000_000, 1_760_000_000, 1_780_000_000] {
      maker.created = Timestamp(seconds: seconds)
      try maker.make(folder.file("a/\(seconds)"))
    }
    let runs = try RunIndex.records([folder.path])
    func names(_ runs: [RunRecord]) -> [String] { runs.map { FilePath.name(of: $0.path) } }
    #expect(
      try names(RunListing.sorted(runs, by: "-created"))
        == ["1780000000", "1770000000", "1760000000"])
    #expect(try names(Query("created ~ '2026-02'").filter(runs)) == ["1770000000"])
    #expect(
      try names(Query("created > '2026-01-01'").filter(runs)) == ["1770000000", "1780000000"])
    #expect(try names(Query("created < '2026-02-02T02:40:00Z'").filter(runs)) == ["1760000000"])
  }

  @Test func `is JSON with every setting`() throws {
    let json = try JSONValue.parse(Array(try listing().json.utf8), path: "json")
    let first = try #require(json.array?.first)
    #expect(json.array?.count == 3)
    #expect(first["status"]?.string == "finished")
    #expect(first["settings"]?["model.beta"]?.double == 1)
    #expect(first["best"]?["validation_loss"]?.double == 100.126)
    #expect(first["age"]?.int == 10_800)
    #expect(RunListing([]).json == "[]")
  }

  @Test func `settings that only the choice of a component brings are left out of tables`() throws {
    var sgd = RunMaker()
    sgd.settings = [("optimizer.type", "sgd"), ("optimizer.momentum", "0.9")]
    let adam = RunMaker(settings: [("optimizer.type", "adam"), ("optimizer.beta1", "0.9")])
    let made = try records([sgd, adam])
    let differences = SettingDifferences(made)
    #expect(differences.keys == ["optimizer.type", "optimizer.beta1", "optimizer.momentum"])
    // The maker's settings come from a file; only defaults go without saying.
    #expect(differences.tellingKeys == differences.keys)
  }

  @Test func `no text from a folder steers the terminal`() {
    var table = TerminalTable([.init("a")])
    table.add(["x\u{1B}[31m\u{202E}y"])
    #expect(table.wrapped(80) == "a\nx\u{FFFD}[31m\u{FFFD}y")
  }
}

@Suite("Words for numbers")
struct WordsTests {
  @Test func `ages, durations, ranges and numbers`() {
    #expect(
      [0, 59, 60, 7199, 172_800, 63_072_000].map(Words.age) == [
        "0 s", "59 s", "1 min", "1 h", "2 d", "2 y",
      ])
    #expect([0, 61.4, 3723].map(Words.duration) == ["0:00", "1:01", "1:02:03"])
    #expect(Words.ranges([3, 1, 2, 7, 9, 10]) == "1–3, 7, 9, 10")
    #expect(Words.ranges([1, 3, 5, 7, 9, .max]) == "1, 3, 5, 7, …")
    #expect(
      [123.456, 1.23456, 0.0123456, -0.001, .nan].map(Words.metric) == [
        "123.46", "1.235", "0.01235", "-0.001000", "nan",
      ])
    #expect(Words.fixed(-0.0001, 2) == "0.00")
  }

  @Test func `what is not finite has no sign of its own and no bits`() {
    let odd = Double(bitPattern: 0xFFF8_0000_0003_FFE3)
    #expect(
      [odd, -odd, .infinity, -.infinity].map { Words.fixed($0, 2) } == [
        "nan", "nan", "inf", "-inf",
      ])
    #expect(Words.significant(odd, 3) == "nan")
    #expect("\(RunValue.number(odd))" == "nan")
  }

  @Test func `names are shortened as far as they stay apart`() {
    #expect(
      Words.shortNames(
        [
          "model.beta", "model.encoder.hidden", "model.decoder.hidden", "model.type", "seed",
          "optimizer.seed", "training.epochs",
        ], reserved: ["epochs"]) == [
          "beta", "encoder.hidden", "decoder.hidden", "model.type", "seed", "optimizer.seed",
          "training.epochs",
        ])
  }
}
