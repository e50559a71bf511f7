import ExptBuiltins
import ExptComponents
import ExptData
import ExptTensor
import ExptTestSupport
import Testing

@Suite("The dataset csv")
struct CSVDatasetTests {
  private let folder = TemporaryFolder()

  private static let table = """
    id,kind,len,depth,site,n,ok,same
    a1,x,39.1,18,Dream,0,yes,K
    a2,y,39.5,,Torgersen,3,no,K
    a3,x,NA,18.25,Biscoe,7,yes,K
    a4,z,-40.25,19.5,Dream,1,yes,K
    a5,y,36.75,20,Dream,12,NA,K
    a6,x,39.0,17,Biscoe,0,no,K
    """

  private func dataset(
    _ text: String = table, _ change: (inout CSVDataset) -> Void = { _ in }
  ) throws -> CSVDataset {
    try folder.write(text, to: "t.csv")
    var dataset = CSVDataset()
    dataset.path = "t.csv"
    (dataset.heldOut.mix, dataset.ignore, dataset.labels) = (false, ["id"], "kind")
    change(&dataset)
    return dataset
  }

  private func load(
    _ text: String = table, _ change: (inout CSVDataset) -> Void = { _ in }
  ) throws -> LoadedData {
    try dataset(text, change).load(.offline(folder))
  }

  @Test func `kinds, levels, labels and missing cells are found and said`() throws {
    let data = try load()
    let set = data.train
    let table = try #require(set.table)
    #expect(table.columns.map(\.name) == ["len", "depth", "site", "n", "ok"])
    #expect(table.columns.map(\.kind) == [.numeric, .numeric, .categorical, .count, .binary])
    #expect(table.columns[2].levels == ["Biscoe", "Dream", "Torgersen"])
    #expect(table.columns[4].levels == ["no", "yes"])
    #expect(table.classes == ["x", "y", "z"] && set.labels == [0, 1, 0, 2, 1, 0])
    #expect(set.shape == [1, 1, 5] && table.hasMissing)
    // Less the first number of the column, exactly as Floats.
    let origin = 39.1
    #expect(
      set.values.enumerated().filter { $0.offset % 5 == 0 }.map(\.element)
        == [
          0, Float(39.5 - origin), 0, Float(-40.25 - origin), Float(36.75 - origin),
          Float(39 - origin),
        ])
    #expect(set.observed?.enumerated().filter { $0.element == 0 }.map(\.offset) == [6, 10, 24])
    #expect(
      data.notes.map { $0.replacing(folder.path + "/", with: "") } == [
        "t.csv: 6 rows; numeric: len, depth; binary: ok; categorical: site (3); count: n; labels: kind (0 x, 1 y, "
          + "2 z)", "t.csv: columns left out: 'same' is 'K' in every training row",
      ])
  }

  @Test func `kinds can be said`() throws {
    let data = try load { dataset in
      (dataset.categorical, dataset.numeric, dataset.ignore) = (["n"], ["len"], ["id", "depth"])
      dataset.binary = ["same"]
    }
    let columns = try #require(data.train.table?.columns)
    #expect(columns.map(\.name) == ["len", "site", "n", "ok", "same"])
    #expect(columns[2].kind == .categorical && columns[2].levels == ["0", "1", "3", "7", "12"])
    #expect(columns[4].levels == ["K"])
  }

  @Test func `codes are categories, numbers of the rows no column, and whole measures numeric`()
    throws
  {
    let rows = (0..<12).map { "\($0 + 1),\($0 % 3 + 1),\(3000 + 25 * ($0 % 5)),\($0 % 2 + 1)" }
    let data = try load("row,class,mass,sex\n" + rows.joined(separator: "\n")) {
      ($0.ignore, $0.labels) = ([], nil)
    }
    let columns = try #require(data.train.table?.columns)
    #expect(columns.map(\.name) == ["class", "mass", "sex"])
    #expect(columns.map(\.kind) == [.categorical, .numeric, .binary])
    #expect(data.notes.contains { $0.contains("'row' numbers the rows") })
  }

  @Test func `levels are those of the training rows, and others are missing`() throws {
    let data = try load { dataset in
      (dataset.heldOut.test, dataset.missing) = (2, dataset.missing + ["absent"])
    }
    #expect(data.train.table?.columns[2].levels == ["Biscoe", "Dream"])
    #expect(data.test.rows == [0, 1])
    #expect(data.test.observed?[7] == 0)
    #expect(
      data.notes.last?.hasSuffix(
        "1 cell of column 'site', such as 'Torgersen', has a level that no training row has, and count as missing"
      )
        == true, "\(data.notes)")
  }

  /// The mean and the deviation of the observed cells of the training rows alone.
  @Test func `numbers are standardized by the training rows only`() throws {
    let data = try load { $0.split.validation = 1 }
    let dataset = try dataset { $0.split.validation = 1 }
    let splits = try DataSplits(data, dataset.split)
    #expect(splits.train == 0..<5)
    let column = try #require(splits.images.table?.columns.first)
    let known = [39.1, 39.5, -40.25, 36.75]
    let mean = known.reduce(0, +) / 4
    let deviation = (known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4).squareRoot()
    #expect(abs(column.origin + column.mean - mean) < 1e-6)
    #expect(abs(column.scale - deviation) < 1e-6)
    for (row, value) in [39.1, 39.5, 0, -40.25, 36.75, 39.0].enumerated() where row != 2 {
      #expect(abs(Double(splits.images.values[5 * row]) - (value - mean) / deviation) < 1e-6)
    }
    #expect(splits.images.values[10] == 0)
    // Of counts, log(1 + n).
    let logarithms = [0.0, 1.38629436111989, 2.07944154167984, 0.693147180559945, 2.56494935746154]
    let counts = try #require(splits.images.table?.columns[3])
    #expect(abs(counts.mean - logarithms.reduce(0, +) / 5) < 1e-12)
    #expect(splits.images.values[8] == 3)
  }

  /// There and back: every observed cell reads as the very number or level of the file.
  @Test func `cells come back from what a model sees exactly`() throws {
    var generator = SeededGenerator(3)
    var rows: [[String]] = []
    for row in 0..<400 {
      let tenths = Int.random(in: -5000...5000, using: &generator)
      let millis = Int.random(in: 0...999_999, using: &generator)
      let time = 1_700_000_000 + row * 60 + Int.random(in: 0...59, using: &generator)
      rows.append([
        "\(Double(tenths) / 10)", "\(Double(millis) / 1000)", "\(time)",
        ["red", "green", "\"a, b\""].randomElement(using: &generator) ?? "",
        "\(Int.random(in: 0...50, using: &generator))", "\(Bool.random(using: &generator))",
      ])
    }
    let header = "tenths,millis,time,colour,count,truth\n"
    let dataset = try dataset(
      header + rows.map { $0.joined(separator: ",") }.joined(separator: "\n")
    ) {
      ($0.ignore, $0.labels, $0.split.validation) = ([], nil, 0.2)
    }
    let splits = try DataSplits(dataset.load(.offline(folder)), dataset.split)
    let table = try #require(splits.images.table)
    let cells = try dataset.cells(of: splits.images, .offline(folder))
    #expect(table.columns.count == 6)
    for image in 0..<splits.images.count {
      for (number, column) in table.columns.enumerated() {
        let written = cells.cell(splits.images.row(image), number)
        let again = column.cell(splits.images.values[image * 6 + number])
        #expect(
          Double(written) ?? .nan == Double(again) ?? .nan || written == again,
          "\(written) \(again)")
      }
    }
  }

  @Test func `windows are in time, and none reaches into two parts`() throws {
    let rows = (0..<40).map { "2026-01-01 \(10 + $0 / 10):0\($0 % 10),\($0 * $0),\(($0 * 7) % 11)" }
    let text = "when,a,b\n" + rows.joined(separator: "\n")
    let dataset = try dataset(text) {
      ($0.ignore, $0.labels, $0.time, $0.window, $0.stride) = ([], nil, "when", 4, 2)
      ($0.heldOut.mix, $0.heldOut.test, $0.split.validation) = (true, 3, 4)
    }
    let data = try dataset.load(.offline(folder))
    let splits = try DataSplits(data, dataset.split)
    #expect(splits.images.shape == [2, 1, 4])
    func starts(_ set: ImageSet, _ range: Range<Int>) -> [Int] { range.map(set.row) }
    let train = starts(splits.images, splits.train)
    let validation = starts(splits.images, splits.validation)
    let test = starts(splits.test, 0..<splits.test.count)
    // 19 windows begin at 0, 2, … 36.
    #expect(test == [32, 34, 36] && validation == [22, 24, 26, 28])
    #expect(train == Array(stride(from: 0, through: 18, by: 2)))
    #expect(data.notes.last?.contains("1 left out that would reach into the test rows") == true)
    #expect(
      splits.notes == ["1 training window left out that would reach into the validation rows"])
    let raw = data.train
    #expect(Array(raw.values[8..<16]) == [4, 9, 16, 25, 3, 10, 6, 2])
    #expect(try dataset.counts(.offline(folder)) == ImageCounts(train: 15, test: 3))
  }

  @Test(
    arguments: [
      ("a,a\n1,2\n", "t.csv:1: two columns are called 'a'"),
      ("a,b\n1,2\n3\n", "t.csv:3: has 1 cell, and the first row has 2"),
      ("a,b\n", "holds a header, and no row below it"),
      ("", "holds no table"),
      ("a,b\n1,1\n1,1\n1,1\n", "no column is left to learn from"),
      (
        "a\n" + (0..<20).map { "\($0 * $0)" }.joined(separator: "\n") + "\nx3\n",
        "t.csv:22: 'x3' in column 'a'"
      ),
      (
        "a\n" + (0..<50).map { "n\($0)" }.joined(separator: "\n"),
        "column 'a' has 50 different texts in 50 rows"
      ),
    ])
  func `what cannot be a table is a sentence`(_ text: String, _ expected: String) throws {
    let message = message(of: .malformed) {
      _ = try load(text) { ($0.ignore, $0.labels) = ([], nil) }
    }
    #expect(message.contains(expected), "\(message)")
  }

  @Test func `columns that are not there, and cells that are not of their kind, are sentences`()
    throws
  {
    func problem(_ change: (inout CSVDataset) -> Void) -> String {
      message(of: .malformed) { _ = try load(Self.table, change) }
    }
    #expect(problem { $0.labels = "kinds" }.contains("did you mean 'kind'?"))
    #expect(problem { $0.count = ["len"] }.contains(":2: column 'len' holds counts"))
    #expect(problem { $0.numeric = ["site"] }.contains("'Dream' is not a number"))
    #expect(problem { $0.binary = ["site"] }.contains("more than two values"))
    #expect(problem { $0.factors = ["len"] }.contains(":4: the factor 'len' must be a number"))
    #expect(problem { $0.time = "n" }.contains(":5: the time '1' does not follow the one above it"))
    #expect(problem { ($0.time, $0.window) = (nil, 9) }.contains("longer than the table"))
  }

  @Test func `settings that do not go together are refused`() throws {
    for (text, expected) in [
      ("ignore: [a], numeric: [a]", "column 'a' is named under 'ignore' too"),
      ("stride: 2", "'stride' is for windows"),
      ("test_path: u.csv, test: 5", "'test' holds out"),
    ] {
      let error = #expect(throws: (any Error).self) {
        _ = try builtins.make(.dataset, "{ type: csv, path: t.csv, \(text) }")
      }
      #expect("\(error.map { "\($0)" } ?? "")".contains(expected), "\(text)")
    }
  }

  @Test func `a decimal comma, a test file and a file without header are read`() throws {
    try folder.write("1,5;a\n2,5;b\n", to: "test.csv")
    let data = try load("0,5;a\n3;b\n4,25;a\n") {
      ($0.decimal, $0.testPath, $0.ignore, $0.labels) = (.comma, "test.csv", [], nil)
    }
    #expect(data.train.table?.columns.map(\.name) == ["column_0", "column_1"])
    #expect(data.train.values == [0, 0, 2.5, 1, 3.75, 0] && data.test.values == [1, 0, 2, 1])
  }

  @Test func `damaged tables are loaded or refused`() throws {
    var generator = SeededGenerator(11)
    let bytes = Array(Self.table.utf8)
    var refused = 0
    for _ in 0..<1500 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<damaged.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: damaged[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: damaged[place] = Array(",\"\n;0-.e".utf8).randomElement(using: &generator) ?? 0
        default: damaged.remove(at: place)
        }
      }
      try folder.write(damaged, to: "t.csv")
      var dataset = CSVDataset()
      (dataset.path, dataset.heldOut.test, dataset.split.validation) = ("t.csv", 0.3, 1)
      do throws(DataProblem) {
        _ = try DataSplits(try dataset.load(.offline(folder)), dataset.split)
      } catch { refused += 1 }
    }
    #expect(refused > 300)
  }
}
