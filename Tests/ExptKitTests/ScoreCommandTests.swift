import ExptFiles
import ExptTestSupport
import Testing

@Suite("expt score") struct ScoreCommandTests {
  private let folder = TemporaryFolder()

  private func train(
    _ dataset: String,
    model: String = "{ type: vae, latent: 3, encoder: { type: mlp, hidden: [9] } }"
  ) throws -> String {
    let run = folder.file("run")
    let file = try folder.write(
      """
      dataset: \(dataset)
      model: \(model)
      training: { epochs: 1, batch_size: 16 }
      """, to: "score.yaml")
    let result = try Program.run(["run", file, "--run-dir", run, "--quiet"])
    try #require(result.status == 0, "\(result.messages)")
    return run
  }

  private func json(_ arguments: [String]) throws -> JSONValue {
    let result = try Program.run(["score"] + arguments + ["--json"])
    try #require(result.status == 0, "\(result.messages)")
    return try JSONValue.parse(Array(result.output.utf8), path: "score")
  }

  @Test func `scores, threshold, files and the area agree with one another and with evaluate`()
    throws
  {
    let run = try train(
      "{ type: digits, train: 150, validation: 40, test: 60, size: 12, leave_out: [4] }")
    let report = try json([run, "--quantile", "0.9"])
    let files = (report["files"]?.array ?? []).compactMap(\.string)
    let csv = try #require(files.first { $0.hasSuffix(".csv") })
    let rows = try FileBytes.read(csv).split(separator: UInt8(ascii: "\n"))
      .map { String(decoding: $0, as: UTF8.self).split(separator: ",").map(String.init) }
    #expect(rows[0] == ["index", "label", "score", "above", "greatest_part"])
    #expect(rows.count == 61)
    let threshold = try #require(report["threshold"]?.double)
    for row in rows.dropFirst() {
      #expect((Double(row[2]) ?? 0 > threshold) == (row[3] == "1"), "\(row)")
    }
    #expect(report["above"]?.int == rows.dropFirst().count { $0[3] == "1" })
    // The scores are the sums of their parts, whose greatest is named.
    let archive = try NPZArchive(#require(files.first { $0.hasSuffix(".npz") }))
    let known = try archive.array("parts")
    let parts = try #require(known)
    #expect(parts.shape == [60, 1, 12, 12])
    let squares = parts.floats
    for (place, row) in rows.dropFirst().enumerated() {
      let own = squares[place * 144..<(place + 1) * 144]
      let sum = own.reduce(0) { $0 + Double($1) }
      #expect(abs(sum - (Double(row[2]) ?? 0)) < 1e-9 * sum)
      #expect(own[own.startIndex + (Int(row[4]) ?? 0)] == own.max())
    }
    // Of 36 or so validation images, 0.9 are not above the threshold.
    let held = try json([run, "--split", "validation", "--quantile", "0.9"])
    let (above, count) = (try #require(held["above"]?.int), try #require(held["images"]?.int))
    #expect(above == count - Int((0.9 * Double(count)).rounded(.up)))
    let evaluated = try Program.run(["evaluate", run, "--evaluator", "anomaly", "--json"])
    let scores = try JSONValue.parse(Array(evaluated.output.utf8), path: "scores")
    let numbers = try #require(scores["scores"]?.array?.first?["numbers"]?.array)
    #expect(numbers.first?["value"]?.double == report["auroc"]?.double)
    // The strangest 60 of 60 above their reconstructions, 16 in a row.
    let picture = try ImageReading.read(#require(files.first { $0.hasSuffix(".png") })).image
    #expect(picture.width == 16 * 13 - 1 && picture.height == 8 * 13 - 1)
  }

  @Test(arguments: ["nll", "elbo", "iw_nll", "latent"])
  func `every score is there, and the same on any number of threads`(score: String) throws {
    let run = try train("{ type: digits, train: 60, test: 20, size: 12 }")
    let results = try ["1", "3"].map { threads in
      try Program.run([
        "score", run, "--score", score, "--samples", "3", "--threads", threads, "-o",
        folder.file("of-\(score)-\(threads)/"),
      ])
    }
    #expect(results[0].status == 0, "\(results[0].messages)")
    let files = ["1", "3"].map {
      folder.file("of-\(score)-\($0)/scores-\(score)-test-epoch-0001.csv")
    }
    #expect(try FileBytes.read(files[0]) == FileBytes.read(files[1]))
    #expect(results[0].output.contains("score \(score), the higher the stranger"))
  }

  @Test func `other data are standardized as the run's own were`() throws {
    let values: [Float] = (0..<40).map { Float($0 % 10) * 3 + Float($0 / 10) }
    try NPZ.write(
      [("images", NPYArray(shape: [10, 4], floats: values))], to: folder.file("own.npz"))
    // One row of those, and one far away.
    try NPZ.write(
      [("images", NPYArray(shape: [2, 4], floats: Array(values[0..<4]) + [90, -90, 90, -90]))],
      to: folder.file("new.npz"))
    let run = try train(
      "{ type: npz, path: \(folder.file("own.npz")), layout: flat, standardize: true, mix: false }",
      model: "{ type: ae, latent: 2, encoder: { type: mlp, hidden: [5] }, likelihood: gaussian }")
    let own = try json([run, "--split", "train"])
    let new = try json([
      run, "--data", "{type: npz, path: \(folder.file("new.npz")), layout: flat}",
    ])
    func scores(_ report: JSONValue) throws -> [Float] {
      let files = (report["files"]?.array ?? []).compactMap(\.string)
      let file = try #require(files.first { $0.hasSuffix(".npz") })
      return try NPZArchive(file).array("scores")?.floats ?? []
    }
    let (known, found) = (try scores(own), try scores(new))
    #expect(abs(found[0] - known[0]) < 1e-5 * known[0], "the same row, the same score")
    #expect(found[1] > 10 * (known.max() ?? 0))
    #expect(new["above"]?.int == 1)
  }

  @Test func `a conditional model scores no data of which it is not told what it needs`() throws {
    try NPZ.write(
      [("images", NPYArray(shape: [3, 12, 12], floats: Array(repeating: 0.5, count: 3 * 144)))],
      to: folder.file("bare.npz"))
    let run = try train(
      "{ type: digits, train: 60, test: 20, size: 12 }",
      model:
        "{ type: vae, latent: 2, condition: labels, encoder: { type: mlp, hidden: [5] } }")
    let result = try Program.run([
      "score", run, "--data", "{type: npz, path: \(folder.file("bare.npz"))}",
    ])
    #expect(result.status == 65)
    #expect(result.messages.contains("conditioned on labels"), "\(result.messages)")
  }

  @Test func `what cannot be scored is said in a sentence`() throws {
    let run = try train(
      "{ type: digits, train: 60, test: 20, size: 12 }",
      model: "{ type: ae, latent: 2, encoder: { type: mlp, hidden: [5] } }")
    for (arguments, status, words) in [
      (["--score", "elbo"], 65, "this model has no score 'elbo'"),
      (["--score", "strange"], 64, "'strange' is invalid"),
      (["--quantile", "2"], 64, "--quantile 2.0: it must be from 0.0 to 1.0"),
      (["--data", "{type: digits, size: 20}"], 65, "the model takes 1×12×12"),
      (["--data", "digits", "--split", "test"], 64, "--split chooses among the run's own"),
      (["--split", "validation"], 66, "no validation images"),
    ] {
      let result = try Program.run(["score", run] + arguments)
      #expect(result.status == Int32(status), "\(arguments): \(result.messages)")
      #expect(result.messages.contains(words), "\(arguments): \(result.messages)")
    }
  }
}
