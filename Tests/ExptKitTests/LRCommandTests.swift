import ExptFiles
import ExptTestSupport
import Foundation
import Testing

private let experiment = """
  dataset: { type: digits, train: 200, validation: 20, test: 10 }
  model: { type: vae, latent: 3, encoder: { type: mlp, hidden: [20] } }
  optimizer: { type: adam, learning_rate: 2.0e-3, schedule: one_cycle }
  training: { epochs: 2, batch_size: 32 }
  """

@Suite("expt lr")
struct LRCommandTests {
  private let folder = TemporaryFolder()

  private func run(_ arguments: [String]) throws -> Program.Result {
    let file = try folder.write(experiment, to: "small.yaml")
    return try Program.run(["lr", file] + arguments)
  }

  @Test func `shows the loss over the rates, suggests one and says how, and leaves no run`() throws
  {
    let result = try run(["--steps", "60", "-o", folder.file("out/")])
    try #require(result.status == 0, "\(result.messages)")
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(lines.first == "smoothed loss over learning rates")
    #expect(lines.contains { $0.contains("1e-4") && $0.contains("1e-2") })
    let sentence = try #require(lines.first { $0.hasPrefix("suggested learning rate: ") })
    #expect(sentence.contains("a tenth of") && sentence.contains("The experiment has 0.002"))
    #expect(lines.suffix(2) == ["out/lr.csv", "out/lr.svg"].map(folder.file))
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    #expect(names.sorted() == ["out", "out/lr.csv", "out/lr.svg", "small.yaml"])

    let csv = try String(contentsOfFile: folder.file("out/lr.csv"), encoding: .utf8)
    let rows = csv.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(rows[0] == ["rate", "loss", "smoothed_loss"])
    let points = rows.dropFirst().map { $0.compactMap(Double.init) }
    #expect(points.count > 20 && points.count <= 60 && points.allSatisfy { $0.count == 3 })
    #expect(points[0][0] == 1e-6 && points[0][1] == points[0][2])
    let lowest = try #require(points.min { $0[2] < $1[2] })
    let words = sentence.split(separator: " ")
    let suggested = try #require(words.dropFirst(3).first.flatMap { Double($0.dropLast()) })
    #expect(abs(suggested / (lowest[0] / 10) - 1) < 0.06, "to two digits")

    let svg = try String(contentsOfFile: folder.file("out/lr.svg"), encoding: .utf8)
    #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.hasSuffix("</svg>\n"))
    #expect(svg.components(separatedBy: "<polyline").count == 3 && svg.contains("suggested:"))
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test func `gives programs the points, the same for any number of threads`() throws {
    let first = try run(["--steps", "20", "--json", "-t", "1"])
    try #require(first.status == 0, "\(first.messages)")
    let json = try JSONValue.parse(Array(first.output.utf8), path: "lr")
    guard case .object(let object) = json, case .array(let points) = object["points"] else {
      Issue.record("\(first.output.prefix(200))")
      return
    }
    #expect(!points.isEmpty && object["end"] != nil && object["suggestion"] != nil)
    #expect(try run(["--steps", "20", "--json", "-t", "2"]).output == first.output)
  }

  @Test(arguments: [
    (["--from", "1", "--to", "0.1"], Int32(64), "--from must be above 0 and below --to"),
    (["--steps", "3"], 64, "--steps 3: it must be from 10 to 100000"),
    (["-o", "curve.png"], 64, "no .png file is made here"),
    (["model.latnt=3"], 65, "did you mean 'latent'?"),
    (["model.encoder={type: layers, layers: [{type: linear, units: 3}]}"], 65, "flatten layer"),
  ])
  func `refuses what cannot be, with a sentence`(
    arguments: [String], status: Int32, sentence: String
  ) throws {
    let result = try run(arguments)
    #expect(result.status == status, "\(result.messages)")
    #expect(result.messages.contains(sentence), "\(result.messages)")
    #expect(result.output == "")
  }

  @Test func `writes over nothing unasked`() throws {
    let csv = try folder.write("mine", to: "mine.csv")
    let refused = try run(["--steps", "10", "-o", csv])
    #expect(refused.status == 64 && refused.messages.contains("already exists"))
    #expect(try String(contentsOfFile: csv, encoding: .utf8) == "mine")
    let forced = try run(["--steps", "10", "-o", csv, "--force"])
    #expect(forced.status == 0 && forced.lastLine == csv)
    #expect(!FilePath.exists(folder.file("lr.svg")))
  }
}

@Suite("Commands on a run that averages its weights")
struct AveragedRunTests {
  @Test func `use the average unless told otherwise`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(
      """
      dataset: { type: digits, train: 80, validation: 20, test: 30 }
      model: { type: vae, latent: 3, encoder: { type: mlp, hidden: [9] } }
      training: { epochs: 2, batch_size: 16, ema: 0.9 }
      """, to: "small.yaml")
    let run = folder.file("run")
    try #require(Program.run(["run", file, "--run-dir", run, "--quiet"]).status == 0)
    func weights(_ arguments: [String]) throws -> [String: [Float]] {
      let result = try Program.run(
        ["export", run, "--format", "safetensors", "-c", "last", "-f", "-o"]
          + [folder.file("w.safetensors")] + arguments)
      try #require(result.status == 0, "\(result.messages)")
      let file = try Safetensors.read(result.lastLine)
      return Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0.floats ?? []) })
    }
    let average = try weights([])
    #expect(try weights(["--weights", "ema"]) == average)
    let trained = try weights(["--weights", "trained"])
    #expect(trained != average && trained.keys.sorted() == average.keys.sorted())
    let evaluated = try Program.run(["evaluate", run, "-s1", "--split", "validation"])
    #expect(evaluated.messages.contains("averaged weights"), "\(evaluated.messages)")
    let other = try Program.run([
      "evaluate", run, "-s1", "--split", "validation", "--weights", "trained",
    ])
    #expect(!other.messages.contains("averaged weights") && other.output != evaluated.output)
    let sample = try Program.run(["sample", run, "-n4", "--weights", "trained", "-c", "last"])
    #expect(sample.lastLine.contains("epoch-0002-trained."), "\(sample.lastLine)")
    let wrong = try Program.run(["sample", run, "--weights", "emma"])
    #expect(wrong.status == 64)
  }
}
