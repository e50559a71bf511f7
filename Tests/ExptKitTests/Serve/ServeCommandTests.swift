import ExptFiles
import ExptTestSupport
import Foundation
import Testing

@Suite("expt serve")
struct ServeCommandTests {
  private let folder = TemporaryFolder()

  @Test func `lists runs by a condition, and says with a caret what is wrong with one`() throws {
    let served = try Served([ServedRuns.make(in: folder)])
    let all = try served.get("/api/runs").json
    #expect(all["total"] as? Int == 3 && all["problem"] is NSNull)
    let some = try served.get("/api/runs?where=beta%20%3E%201").json
    #expect(some["total"] as? Int == 1)
    let wrong = try served.get("/api/runs?where=bta%20%3E%201").json
    let problem = wrong["problem"] as? String ?? ""
    #expect(problem.contains("^~~") && problem.contains("did you mean"), "\(problem)")
    let sorted = try served.get("/api/runs?sort=-path").json["rows"] as? [[String: Any]] ?? []
    #expect(sorted.compactMap { $0["label"] as? String } == ["codes", "b", "a"])
  }

  @Test func `gives commands that write the bytes that it shows`() throws {
    let served = try Served([ServedRuns.make(in: folder)])
    let run = try served.id("a")
    let start = try served.get("/api/model/open?run=\(run)").json
    let centre = try #require(start["centre"] as? [Double])
    let place: [String: Any] = ["view": "pca", "x": 0.7, "y": -0.4]
    var asked: [(String, Served.Answer)] = [
      ("decode", try served.post("/api/model/decode", ["run": run, "latents": centre])),
      (
        "plane",
        try served.post("/api/model/decode", ["run": run, "latents": centre, "place": place])
      ),
      ("sample", try served.get("/api/model/sample?run=\(run)&seed=7&count=9&temperature=0.5")),
      ("traverse", try served.get("/api/model/traverse?run=\(run)&image=3&steps=5&rows=3")),
      (
        "way",
        try served.post(
          "/api/model/interpolate",
          [
            "run": run, "latents": [0, 0, 0, 0, 1, -1, 2, 0.5, 3, 0, 0, 1], "steps": 6,
            "spherical": true,
          ])
      ),
      (
        "own",
        try served.post(
          "/api/model/encode", ["run": run, "pixels": (0..<784).map { $0 % 28 == 14 ? 255 : 0 }])
      ),
    ]
    for view in ["dims", "pca", "tsne"] {
      let body: [String: Any] = [
        "run": run, "latents": centre, "view": view, "size": 5, "x0": -2, "y0": -1.5, "span": 3.7,
      ]
      asked.append(("behind-\(view)", try served.post("/api/model/background", body)))
    }
    for (name, answer) in asked {
      #expect(answer.status == 200, "\(name): \(answer.text)")
      try same(answer, name)
    }
    let codes = try served.id("codes")
    let grid = try served.get("/api/model/open?run=\(codes)").json
    #expect((grid["codes"] as? [String: Any])?["size"] as? Int == 8)
    let latents = (0..<(grid["width"] as? Int ?? 0)).map { $0 % 8 }
    try same(
      served.post("/api/model/decode", ["run": codes, "latents": latents]), "codes")
  }

  @Test func `samples what was fitted, at a temperature where that has one`() throws {
    let runs = try ServedRuns.make(in: folder)
    let flow = "{ type: realnvp, depth: 1, hidden: [4], epochs: 1 }"
    for (sampler, options) in [("gaussian", [String]()), (flow, []), ("gmm", ["--per-class"])] {
      let fit = try Program.run(
        ["fit", "\(runs)/a", "--sampler", sampler] + options
          + (sampler == "gmm" ? ["--set", "components=2"] : []))
      try #require(fit.status == 0, "\(fit.messages)")
    }
    let served = try Served([runs])
    let run = try served.id("a")
    let sources = try served.get("/api/model/open?run=\(run)").json["sources"]
    let known = (sources as? [[String: Any]] ?? []).map {
      ($0["name"] as? String ?? "?", $0["tempered"] as? Bool ?? false, $0["classes"] is [Int])
    }
    #expect(known.map(\.0) == ["", "gaussian", "gmm", "realnvp"])
    #expect(known.map(\.1) == [true, true, true, false])
    #expect(known.map(\.2) == [false, false, true, false])
    var seen: Set<String> = []
    for query in [
      "sampler=gaussian", "sampler=gaussian&temperature=0.3", "sampler=gmm&label=3",
      "sampler=gmm&label=3&temperature=0.3", "sampler=realnvp", "temperature=0.3",
    ] {
      let answer = try served.get("/api/model/sample?run=\(run)&seed=5&count=4&\(query)")
      try same(answer, "sample-\(query.filter { $0.isLetter || $0.isNumber })")
      #expect(seen.insert(answer.json["png"] as? String ?? "").inserted, "\(query)")
    }
    let refused = try served.get("/api/model/sample?run=\(run)&sampler=realnvp&temperature=0.5")
    #expect(refused.status == 409 && refused.text.contains("no standard deviation"))
    for name in ["../gaussian", "nothing"] {
      #expect(try served.get("/api/model/sample?run=\(run)&sampler=\(name)").status == 404)
    }
    let told = try Program.run([
      "sample", "\(runs)/a", "--sampler", "realnvp", "--temperature", "0.5",
    ])
    #expect(told.status == 64 && told.messages.contains("no standard deviation to scale"))
  }

  @Test func `tells a conditional model what its controls say`() throws {
    let runs = folder.file("runs")
    for (name, condition) in [
      ("labels", "labels"), ("factors", "{ type: factors, names: [scale, x] }"),
    ] {
      let file = try folder.write(
        """
        dataset: { type: sprites, train: 90, validation: 20, test: 30, size: 8 }
        model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [9] }, condition: \(condition) }
        training: { epochs: 1, batch_size: 16 }
        """, to: "\(name).yaml")
      let result = try Program.run(["run", file, "--run-dir", "\(runs)/\(name)", "--quiet"])
      try #require(result.status == 0, "\(result.messages)")
    }
    let served = try Served([runs])
    let factors = try served.id("factors")
    let model = try served.get("/api/model/open?run=\(factors)").json
    let names = (model["factors"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
    #expect(names == ["scale", "x"])
    let plain: [String: Any] = ["latents": [0.5, -0.5, 1, 1], "steps": 3]
    for (run, told) in [
      (try served.id("labels"), [["label": 0], ["label": 2]]),
      (
        factors, [["factor_x": 0.1, "factor_scale": 0.5], ["factor_x": 0.9, "factor_scale": 0.5]]
      ),
    ] {
      var seen: Set<String> = []
      for (number, one) in told.enumerated() {
        let body = plain.merging(one) { $1 }.merging(["run": run]) { $1 }
        let answer = try served.post("/api/model/interpolate", body)
        try same(answer, "told-\(run)-\(number)")
        seen.insert(answer.json["png"] as? String ?? "")
      }
      #expect(seen.count == 2, "what it is told changes the picture")
    }
  }

  @Test func `scores an own image as expt score does`() throws {
    let runs = try ServedRuns.make(in: folder)
    let served = try Served([runs])
    let pixels = (0..<784).map { $0 % 28 == 14 ? 255 : 0 }
    let answer = try served.post(
      "/api/model/encode", ["run": served.id("a"), "pixels": pixels, "scores": true])
    let scores = answer.json["scores"] as? [[String: Any]] ?? []
    #expect(
      scores.compactMap { $0["name"] as? String }
        == ["reconstruction", "nll", "elbo", "iw_nll", "latent"], "\(answer.text.prefix(300))")
    try NPZ.write(
      [("images", NPYArray(shape: [1, 28, 28], floats: pixels.map { Float($0) / 255 }))],
      to: folder.file("own.npz"))
    for score in scores {
      let name = score["name"] as? String ?? ""
      let result = try Program.run([
        "score", "\(runs)/a", "--score", name, "--data",
        "{type: npz, path: \(folder.file("own.npz"))}", "-o", folder.file("scores-\(name)/"),
      ])
      let file = try #require(
        result.output.split(separator: "\n").map(String.init).first { $0.hasSuffix(".npz") },
        "\(result.messages)")
      let told = try #require(try NPZArchive(file).array("scores")?.floats.first)
      let value = try #require(score["value"] as? Double)
      #expect(abs(value - Double(told)) <= 1e-6 * abs(value), "\(name): \(value), \(told)")
      let below = try #require(score["below"] as? Double)
      #expect((0...1).contains(below))
    }
  }

  /// Runs the command as a shell would and compares what it writes.
  private func same(_ answer: Served.Answer, _ name: String) throws {
    let command = try #require(answer.json["command"] as? String, "\(answer.text)")
    let shown = try #require((answer.json["png"] as? String).flatMap { Data(base64Encoded: $0) })
    let place = folder.file("copied-\(name)")
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let result = try Program.start(
      tool: ["bash", "-c", "cd \"$PLACE\"\n\"$EXPT\" \(command.dropFirst(5))"],
      environment: ["PLACE": place, "EXPT": try Program.path]
    ).wait()
    #expect(result.status == 0, "\(command): \(result.messages)")
    let written = try Data(contentsOf: URL(fileURLWithPath: "\(place)/\(result.lastLine)"))
    #expect(written == shown, "\(name): \(command)")
  }

  @Test func `draws curves and pictures as commands and training do`() throws {
    let runs = try ServedRuns.make(in: folder)
    let served = try Served([runs])
    let (a, b) = (try served.id("a"), try served.id("b"))
    let shown = try served.get("/api/curves?runs=\(a),\(b)&metric=train_loss&smooth=0.5&logy=1")
      .json
    let figure = try #require(shown["figure"] as? String)
    #expect((shown["warnings"] as? [String])?.first?.contains("weight the KL differently") == true)
    let page = folder.file("curves.html")
    let written = try Program.run([
      "curves", "\(runs)/a", "\(runs)/b", "--metric", "train_loss", "--smooth", "0.5", "--log-y",
      "-o", page,
    ])
    #expect(written.status == 0, "\(written.messages)")
    #expect(try String(contentsOfFile: page, encoding: .utf8).contains(figure))
    let sweep = try served.get("/api/sweep?where=model.beta%20%3E%200").json
    let axes = try #require(sweep["figure"] as? String)
    let command = try #require(sweep["command"] as? String)
    #expect(command.contains("'--where=model.beta > 0'"), "\(command)")
    let sheet = folder.file("axes.html")
    let drawn = try Program.start(
      tool: [
        "sh", "-c", "\"$0\" \(command.dropFirst("expt ".count)) -o \"$1\"", Program.path, sheet,
      ]
    ).wait()
    #expect(drawn.status == 0, "\(drawn.messages)")
    let axesPage = try String(contentsOfFile: sheet, encoding: .utf8)
    #expect(axesPage.contains(axes))
    for warning in sweep["warnings"] as? [String] ?? [] { #expect(axesPage.contains(warning)) }
    #expect(sweep["warnings"] as? [String] != [], "the runs weight the KL differently")
    let one = try Program.run(["axes", "\(runs)/a", "-o", sheet, "--force"])
    #expect(one.status == 65 && one.messages.contains("two runs or more, not 1"))
    let picture = try served.get("/api/picture?run=\(a)&kind=reconstructions&epoch=2")
    let trained = try Data(
      contentsOf: URL(fileURLWithPath: "\(runs)/a/images/reconstructions-epoch-0002.png"))
    #expect(Data(picture.body) == trained)
  }

  @Test func `keeps notes in the run folder, and commands see them`() throws {
    let runs = try ServedRuns.make(in: folder)
    let served = try Served([runs])
    let run = try served.id("a")
    let written = try served.post(
      "/api/notes",
      ["run": run, "tags": ["good", "paper"], "note": "<b>the one</b>", "pinned": true])
    #expect(written.status == 200, "\(written.text)")
    #expect(try Program.run(["tag", "\(runs)/a"]).output == "good\npaper\n")
    #expect(try Program.run(["note", "\(runs)/a"]).output == "<b>the one</b>\n")
    #expect(
      try Program.run(["tag", "\(runs)/a", "new", "--remove", "good"]).output == "paper\nnew\n")
    let found = try Program.run(["runs", runs, "--where", "tags ~ new", "--paths"])
    #expect(found.output == "\(runs)/a\n", "\(found.messages)")
    for tags in [["a b"], ["-x"], [""], [String(repeating: "x", count: 60)]] {
      #expect(try served.post("/api/notes", ["run": run, "tags": tags]).status == 400)
    }
    let long = String(repeating: "x", count: 20_000)
    #expect(try served.post("/api/notes", ["run": run, "note": long]).status == 400)
  }

  @Test func `a pin of the terminal is the page's, and the other way round`() throws {
    let runs = try ServedRuns.make(in: folder)
    let served = try Served([runs])
    func first() throws -> String? {
      let rows = try served.get("/api/runs?sort=path").json["rows"] as? [[String: Any]]
      return rows?.first?["label"] as? String
    }
    #expect(try first() == "a")
    #expect(try Program.run(["pin", "\(runs)/b"]).output == "\(runs)/b\n")
    try wait { try first() == "b" }
    #expect(try Program.run(["pin", "\(runs)/b"]).output == "", "it was pinned already")
    let found = try Program.run(["runs", runs, "--where", "pinned", "--paths"])
    #expect(found.output == "\(runs)/b\n", "\(found.messages)")
    #expect(
      try served.post("/api/notes", ["run": served.id("a"), "pinned": true]).status == 200)
    let undone = try Program.run(["pin", "\(runs)/a", "\(runs)/b", "--undo"])
    #expect(undone.output == "\(runs)/a\n\(runs)/b\n", "\(undone.messages)")
    try wait { try first() == "a" }
  }

  @Test func `archived runs leave lists and come back; removed ones do not`() throws {
    let runs = try ServedRuns.make(in: folder)
    let served = try Served([runs])
    #expect(try Program.run(["archive", "\(runs)/b"]).output == "\(runs)/b\n")
    #expect(try !Program.run(["runs", runs, "--paths"]).output.contains("/b\n"))
    #expect(try Program.run(["runs", runs, "--paths", "--archived"]).output.contains("/b\n"))
    try wait { try served.get("/api/runs").json["total"] as? Int == 2 }
    #expect(try served.get("/api/runs?archived=1").json["total"] as? Int == 3)
    #expect(try Program.run(["archive", "\(runs)/b", "--undo"]).status == 0)
    let unasked = try Program.start(tool: [
      "bash", "-c", "\"$0\" rm \(runs)/b < /dev/null", try Program.path,
    ]).wait()
    #expect(unasked.status == 64 && unasked.messages.contains("--yes"), "\(unasked.messages)")
    #expect(try Program.run(["rm", "\(runs)", "--yes"]).status != 0)
    #expect(try Program.run(["rm", "\(runs)/b", "--yes"]).output == "\(runs)/b\n")
    #expect(!FileManager.default.fileExists(atPath: "\(runs)/b"))
    try wait { try served.get("/api/runs").json["total"] as? Int == 2 }
  }

  private func wait(until body: () throws -> Bool) throws {
    for _ in 0..<100 {
      if try body() { return }
      Thread.sleep(forTimeInterval: 0.1)
    }
    Issue.record("after 10 s this is not so")
  }

  @Test func `says where an SSH tunnel leads, and ends with the signal`() throws {
    #expect(try Program.run(["serve", "--help"]).output.contains("ssh -L 8642:localhost:8642"))
    let served = try Served([folder.path])  // no runs: the page waits for some
    #expect(try served.get("/api/runs").json["total"] as? Int == 0)
    served.stop()
    #expect(!served.isRunning)
  }
}
