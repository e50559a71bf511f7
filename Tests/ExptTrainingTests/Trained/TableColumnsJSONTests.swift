import ExptFiles
import ExptTensor
import Testing

@testable import ExptTraining

@Suite("Columns in run.json") struct TableColumnsJSONTests {
  private var table: TableColumns {
    var mass = TableColumn("body \"mass\", g", .numeric)
    (mass.origin, mass.mean, mass.scale, mass.decimals) = (4850, -651.646090534979, 0.1 + 0.2, 1)
    var count = TableColumn("n", .count)
    (count.mean, count.scale) = (1.0 / 3, 2.0 / 7)
    var table = TableColumns(
      [mass, TableColumn("sex", .binary, levels: ["female", "male"]), count], window: 3)
    (table.hasMissing, table.standardizes, table.classes) = (true, false, ["a", "(missing)"])
    return table
  }

  @Test func `are read back as they were`() throws {
    let text = table.json.pretty
    #expect(TableColumns(try JSONValue.parse(Array(text.utf8), path: "run.json")) == table)
  }

  @Test(arguments: [
    #"{"window": 0, "columns": [{"name": "a", "kind": "numeric"}]}"#,
    #"{"window": 1, "columns": []}"#, #"{"window": 1}"#,
    #"{"window": 1, "columns": [{"name": "a", "kind": "colour"}]}"#,
    #"{"window": 1, "columns": [{"name": "a", "kind": "numeric", "scale": 0}]}"#,
  ])
  func `that say nothing are none`(_ text: String) throws {
    #expect(TableColumns(try JSONValue.parse(Array(text.utf8), path: "run.json")) == nil)
  }

  @Test func `a value becomes the cell that it was made of`() {
    let (mass, sex, count) = (table.columns[0], table.columns[1], table.columns[2])
    let value = Float((4198.7 - 4850 - mass.mean) / mass.scale)
    #expect(mass.cell(value) == "4198.7" && mass.cell(ofMean: value).hasPrefix("4198.7"))
    #expect(sex.cell(1) == "male" && sex.cell(ofMean: 0.4) == "female" && sex.cell(-7) == "female")
    #expect(count.cell(12) == "12" && count.cell(ofMean: 3.14159) == "3.14")
    #expect(table.name(ofPlace: 4) == "column 'sex', row 1 of the window")
  }
}
