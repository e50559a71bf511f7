import ExptFiles
import ExptTestSupport
import Testing

/// A table from its file to latents, reconstructions and scores beside the user's own cells.
@Suite("Tables") struct TableCommandTests {
  private let folder = TemporaryFolder()

  private static let source = packageFolder + "/experiments/data/penguins.csv"

  private func experiment(
    _ dataset: String =
      "type: csv, path: \(source), labels: species, ignore: [id], validation: 40, test: 50",
    model: String = "type: vae, likelihood: mixed", _ rest: String = ""
  ) throws -> String {
    try folder.write(
      """
      dataset: { \(dataset) }
      model: { \(model), latent: 2, encoder: { type: mlp, hidden: [16] } }
      training: { epochs: 2, batch_size: 32 }
      outputs: { images_every: 0 }
      \(rest)
      """, to: "table.yaml")
  }

  private func train(_ file: String, _ options: [String] = []) throws -> String {
    let run = folder.file("run-\(options.joined(separator: "-"))")
    let result = try Program.run(["run", file, "--run-dir", run, "--quiet"] + options)
    try #require(result.status == 0, "\(result.messages)")
    return run
  }

  private func refusal(_ file: String) throws -> String {
    let result = try Program.run(["check", file])
    #expect(result.status == 65, "\(result.output)")
    return result.messages
  }

  /// The rows of the only CSV file whose path has this in it.
  private func table(_ files: String, _ part: String) throws -> [[String]] {
    let path = files.split(separator: "\n").first {
      $0.contains(part) && $0.hasSuffix(".csv")
    }
    let text = try DelimitedText.read(String(try #require(path, "\(files)")))
    return (0..<text.rowCount).map { row in
      (0..<text.columnCount).map { text.text(row: row, column: $0) ?? "" }
    }
  }

  private func made(_ arguments: [String]) throws -> String {
    let result = try Program.run(arguments)
    try #require(result.status == 0, "\(result.messages)")
    return result.output
  }

  @Test func `encode, reconstruct and score keep the user's columns`() throws {
    let run = try train(experiment())
    let file = try DelimitedText.read(Self.source)
    let names = (0..<file.columnCount).map { file.text(row: 0, column: $0) ?? "" }
    func cell(_ row: String, _ name: String) -> String {
      file.text(row: (Int(row) ?? 0) + 1, column: names.firstIndex(of: name) ?? 0) ?? ""
    }

    let codes = try table(made(["encode", run, "--split", "train"]), "codes")
    #expect(codes[0].prefix(4) == ["index", "id", "species", "study"])
    #expect(codes[0].dropFirst(4) == ["mean_0", "mean_1", "log_variance_0", "log_variance_1"])
    #expect(codes.count == 1 + 344 - 90)
    for row in codes.dropFirst() {
      #expect(row[1] == cell(row[0], "id") && row[2] == cell(row[0], "species"))
    }

    let files = try made(["reconstruct", run, "--split", "train", "-n", "254", "-s", "20"])
    let again = try table(files, "reconstructions-")
    let measures = names.filter { !["id", "species", "study"].contains($0) }
    #expect(Array(again[0].dropFirst(4)) == measures)
    #expect(again.dropFirst().allSatisfy { ["Biscoe", "Dream", "Torgersen"].contains($0[4]) })
    let masses = again.dropFirst().compactMap { Double($0[8]) }
    #expect(masses.count == again.count - 1 && masses.allSatisfy { (1000..<9000).contains($0) })

    let filled = try table(files, "filled-")
    #expect(Array(filled[0].dropFirst(4)) == measures + ["imputed"])
    var imputed = 0
    for (row, other) in zip(filled, again).dropFirst() {
      let missing = row[row.count - 1].split(separator: ";").map(String.init)
      for (place, name) in measures.enumerated() {
        let written = cell(row[0], name)
        #expect((written == "NA") == missing.contains(name))
        // What was observed stays as it is, to the byte.
        #expect(row[4 + place] == (written == "NA" ? other[4 + place] : written))
        #expect(row[4 + place] != "NA")
      }
      imputed += missing.count
    }
    #expect(imputed > 10)

    let scores = try table(made(["score", run, "--score", "iw_nll", "--samples", "3"]), "scores")
    #expect(
      scores[0].prefix(7) == ["index", "id", "species", "study", "score", "above", "greatest_part"])
    #expect(Array(scores[0].dropFirst(7)) == measures.map { "error_\($0)" })
    for row in scores.dropFirst() {
      let errors = row.dropFirst(7).map { Double($0) ?? .nan }
      #expect(measures[errors.firstIndex(of: errors.max() ?? 0) ?? 0] == row[6])
      for (name, error) in zip(measures, errors) where cell(row[0], name) == "NA" {
        #expect(error == 0)
      }
    }
    let drawn = try table(made(["sample", run, "-n", "5", "--draws"]), "samples")
    #expect(drawn[0] == measures && drawn.count == 6)
    #expect(
      drawn.dropFirst().allSatisfy { ["male", "female"].contains($0[5]) && Int($0[6]) != nil })

    // Other rows of the same kind are read by what the run knows of the columns.
    let data =
      "{ type: csv, path: \(Self.source), labels: species, ignore: [id], test: 30, mix_seed: 4 }"
    let others = try table(made(["score", run, "--data", data]), "scores")
    #expect(others.count == 31)
  }

  @Test(arguments: [
    "type: iwae, samples: 3, likelihood: mixed",
    "type: ae, likelihood: mixed, missing: { tell: true }",
  ])
  func `models leave missing cells out, the same on any number of threads`(_ model: String) throws {
    let file = try experiment(model: model)
    let runs = try ["1", "3"].map { try train(file, ["--threads", $0]) }
    let metrics = try runs.map { try FileBytes.read($0 + "/metrics.csv") }
    #expect(metrics[0] == metrics[1])
    let evaluated = try Program.run(["evaluate", runs[0], "--samples", "4"])
    #expect(evaluated.status == 0, "\(evaluated.messages)")
  }

  @Test func `a run goes on where it was stopped`() throws {
    let file = try experiment()
    let whole = try train(file)
    let half = folder.file("half")
    let first = try Program.run(["run", file, "--run-dir", half, "--quiet", "training.epochs=1"])
    #expect(first.status == 0, "\(first.messages)")
    let rest = try Program.run(["run", "--resume", half, "--quiet", "training.epochs=2"])
    #expect(rest.status == 0, "\(rest.messages)")
    #expect(try FileBytes.read(whole + "/metrics.csv") == FileBytes.read(half + "/metrics.csv"))
  }

  @Test func `what cannot leave cells out says so before training`() throws {
    let ppca = try refusal(experiment(model: "type: vae_gan, likelihood: gaussian"))
    #expect(ppca.contains("learns from whole rows only"), "\(ppca)")
    let categorical = try refusal(
      experiment(model: "type: vae, likelihood: { type: categorical, levels: 4, values: whole }"))
    #expect(categorical.contains("'categorical' does not say what a single value is worth"))
    let bernoulli = try refusal(
      experiment(
        "type: csv, path: \(Self.source), labels: species, ignore: [id, island, sex]",
        model: "type: vae, likelihood: bernoulli"))
    #expect(bernoulli.contains("likelihood: mixed"), "\(bernoulli)")
    let name = try refusal(
      experiment(
        model: "type: vae, likelihood: { type: mixed, by_name: { egg: { likelihood: poisson } } }"))
    #expect(name.contains("the data have no column 'egg'") && name.contains("did you mean 'eggs'?"))
  }

  @Test func `windows of a log are trained on and written back`() throws {
    let rows = (0..<120).map { step in
      let wave = (step * step) % 17
      return
        "\(step * 60),\(wave),\(step % 13 == 5 ? "" : "\(Double(wave) / 4)"),\(step % 2 == 0 ? "on" : "off")"
    }
    let log = try folder.write("seconds,a,b,pump\n" + rows.joined(separator: "\n"), to: "log.csv")
    let run = try train(
      experiment(
        "type: csv, path: \(log), time: seconds, window: 6, stride: 3, validation: 5, test: 5"))
    let files = try made(["reconstruct", run, "-n", "3"])
    let filled = try table(files, "filled-")
    #expect(filled[0].prefix(4) == ["index", "seconds", "a_0", "a_1"])
    #expect(filled[0].contains("pump_5") && filled.count == 4)
    for row in filled.dropFirst() { #expect(row[1] == "\(((Int(row[0]) ?? 0) + 5) * 60)") }
  }
}
