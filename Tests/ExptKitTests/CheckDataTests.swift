import ExptFiles
import ExptTestSupport
import Foundation
import Testing

/// What `expt check` says about data, beside the same counted here with plain loops.
@Suite("What check says about data")
struct CheckDataTests {
  /// Sixty images of 3×4 to train on, ten of them to validate, and twenty to test.
  private struct Arrays {
    let folder = TemporaryFolder()
    var train: [[UInt8]]
    var test: [[UInt8]]

    init() throws {
      var state: UInt32 = 7
      func image() -> [UInt8] {
        (0..<12).map { _ in
          state = state &* 1_664_525 &+ 1_013_904_223
          return UInt8(state >> 24)
        }
      }
      train = (0..<60).map { _ in image() }
      test = (0..<20).map { _ in image() }
      (train[7], train[31], train[50]) = (train[3], train[3], train[12])
      (test[4], test[9], test[11]) = (train[10], train[10], train[55])
      try write(train, "train.npy")
      try write(test, "test.npy")
      try NPYArray(shape: [60], int64s: (0..<60).map { Int64($0 * $0 % 5) })
        .write(to: folder.file("labels.npy"))
    }

    private func write(_ images: [[UInt8]], _ name: String) throws {
      try NPYArray(shape: [images.count, 3, 4], uint8s: images.flatMap(\.self))
        .write(to: folder.file(name))
    }

    func check() throws -> JSONValue {
      let text = """
        dataset:
          { type: npy, images: \(folder.file("train.npy")), labels: \(folder.file("labels.npy")),
            test_images: \(folder.file("test.npy")), validation: 10, mix: false }
        model: { type: vae, latent: 2, likelihood: gaussian, encoder: { type: mlp, hidden: [4] } }
        """
      let file = try folder.write(text, to: "it.yaml")
      let result = try Program.run(["check", file, "--json"])
      try #require(result.status == 0, "\(result.messages)")
      return try #require(JSONValue.parse(Array(result.output.utf8), path: "it")["data"])
    }
  }

  @Test func `counts, classes, range, mean and histogram are those of a plain loop`() throws {
    let arrays = try Arrays()
    let data = try arrays.check()
    let parts = try #require(data["parts"]?.array)
    #expect(parts.compactMap { $0["part"]?.string } == ["training", "validation", "test"])
    let slices = [arrays.train[..<50], arrays.train[50...], arrays.test[...]]
    for (part, images) in zip(parts, slices) {
      let values = images.flatMap { $0.map { Double($0) / 255 } }
      #expect(part["images"]?.int == images.count && part["looked_at"]?.int == images.count)
      #expect(part["values"]?["least"]?.double.map { Float($0) } == values.min().map { Float($0) })
      let greatest = values.max().map { Float($0) }
      #expect(part["values"]?["greatest"]?.double.map { Float($0) } == greatest)
      let mean = values.reduce(0, +) / Double(values.count)
      #expect(abs((part["values"]?["mean"]?.double ?? 0) - mean) < 1e-12)
      var bins = [Int](repeating: 0, count: 16)
      for value in values { bins[min(15, Int(value * 16))] += 1 }
      #expect(part["values"]?["histogram"]?["counts"]?.array?.compactMap(\.int) == bins)
    }
    let classes = parts[0]["classes"]?.array?.compactMap { $0["images"]?.int }
    #expect(
      classes
        == [0, 1, 4].map { label in (0..<50).count { $0 * $0 % 5 == label } })
    #expect(parts[2]["classes"] == .null)
    let files = try #require(data["files"]?.array)
    #expect(
      files.compactMap { $0["path"]?.string.map(FilePath.name) }
        == ["train.npy", "labels.npy", "test.npy"])
    #expect(files[0]["bytes"]?.int == 128 + 60 * 12)
  }

  @Test func `what is there twice is counted, in a part and across parts, with the first pair`()
    throws
  {
    let parts = try #require(Arrays().check()["parts"]?.array)
    func repeated(_ part: Int) -> [[String]] {
      (parts[part]["repeated"]?.array ?? []).map { entry in
        [entry["in"]?.string ?? "", "\(entry["images"]?.int ?? 0)"]
          + (entry["first"]?.array?.compactMap(\.string) ?? [])
      }
    }
    #expect(repeated(0) == [["training", "2", "image 7", "image 3"]])
    #expect(repeated(1) == [["training", "1", "image 50", "image 12"]])
    #expect(
      repeated(2) == [
        ["training", "2", "image 4", "image 10"], ["validation", "1", "image 11", "image 55"],
        ["test", "1", "image 9", "image 4"],
      ])
  }

  @Test func `floats have their own range, and the likelihood's verdict is said`() throws {
    let folder = TemporaryFolder()
    let values = (0..<320).map { Float($0 % 32) / 16 - 1 }
    try NPYArray(shape: [20, 4, 4], floats: values).write(to: folder.file("x.npy"))
    let text = """
      dataset: { type: npy, images: \(folder.file("x.npy")) }
      model: { type: vae, latent: 2, likelihood: gaussian, encoder: { type: mlp, hidden: [4] } }
      """
    let file = try folder.write(text, to: "it.yaml")
    let plain = try Program.run(["check", file])
    #expect(plain.output.contains("gaussian takes any number"), "\(plain.messages)")
    #expect(plain.output.contains("-1 ████████████████ 0.9375"), "\(plain.output)")
    #expect(
      plain.output.contains("18 of training repeat an earlier one, first image 2 (= image 0)"))
    let refused = try Program.run(["check", file, "model.likelihood=bernoulli"])
    #expect(refused.status == 65)
    #expect(
      refused.messages.contains("image 0 holds -1 at row 0, column 0, and bernoulli needs values"),
      "\(refused.messages)")
  }

  @Test func `pictures are called by their files and classes by their folders`() throws {
    let folder = TemporaryFolder()
    for name in ["cats/a.pgm", "cats/b.pgm", "dogs/c.pgm", "dogs/d.pgm"] {
      let level =
        name.contains("d.") || name.contains("a.") ? 9 : name.utf8.reduce(0) { $0 + Int($1) }
      try folder.write(
        Array("P5 2 2 255\n".utf8) + [UInt8(level % 200), 0, 255, 3], to: "pictures/" + name)
    }
    let text = """
      dataset: { type: images, path: \(folder.file("pictures")) }
      model: { type: ae, latent: 2, likelihood: gaussian, encoder: { type: mlp, hidden: [4] } }
      """
    let result = try Program.run(["check", folder.write(text, to: "it.yaml")])
    #expect(result.output.contains("training 2 (cats: 2, dogs: 2)"), "\(result.messages)")
    #expect(result.output.contains("(4 files, "))
    #expect(result.output.contains("first dogs/d.pgm (= cats/a.pgm)"), "\(result.output)")
  }

  @Test func `what is not here is not fetched, and said with where it would be fetched from`()
    throws
  {
    let folder = TemporaryFolder()
    let text = "dataset: { type: mnist, validation: 10000 }\nmodel: { type: vae }\n"
    let file = try folder.write(text, to: "it.yaml")
    let place = ["EXPT_DATA": folder.file("none"), "EXPT_OFFLINE": ""]
    let plain = try Program.run(["check", file], environment: place)
    #expect(plain.status == 0 && plain.messages.isEmpty, "\(plain.messages)")
    #expect(plain.output.contains("MNIST is not in \(folder.file("none"))/mnist"))
    #expect(plain.output.contains("a run would fetch it from https://"))
    #expect(plain.output.contains("50,000"))
    let offline = try Program.run(["check", file], environment: ["EXPT_DATA": folder.file("none")])
    #expect(offline.output.contains("EXPT_OFFLINE forbids to fetch it"), "\(offline.messages)")
    #expect(try folder.names() == ["it.yaml"])
    let fallback = ["dataset.fallback.type=digits", "dataset.fallback.train=11000"]
    let drawn = try Program.run(
      ["check", file, "dataset.validation=100"] + fallback, environment: place)
    #expect(drawn.output.contains("'digits', as follows"), "\(drawn.messages)")
    #expect(drawn.output.contains("undivided   11,000     10,000"), "\(drawn.output)")
  }

  @Test func `a table is said column by column, in its own units`() throws {
    let folder = TemporaryFolder()
    let rows = ["12.5,a,3", "NA,b,0", "-2,a,1", "4,c,7", "8.5,a,2"]
    try folder.write("size,kind,eggs\n" + rows.joined(separator: "\n") + "\n", to: "t.csv")
    let file = try folder.write(
      """
      dataset: { type: csv, path: "\(folder.file("t.csv"))", categorical: [kind] }
      model: { type: vae, latent: 2, likelihood: mixed, encoder: { type: mlp, hidden: [4] } }
      """, to: "t.yaml")
    let result = try Program.run(["check", file, "--json"])
    try #require(result.status == 0, "\(result.messages)")
    let json = try JSONValue.parse(Array(result.output.utf8), path: "check")
    let columns = try #require(json["data"]?["columns"]?.array)
    #expect(json["data"]?["parts"]?.array?.first?["values"] == .null)
    #expect(columns.compactMap { $0["column"]?.string } == ["size", "kind", "eggs"])
    #expect(columns.compactMap { $0["missing"]?.int } == [1, 0, 0])
    #expect(columns[0]["values"]?["least"]?.double == -2)
    #expect(columns[0]["values"]?["greatest"]?.double == 12.5)
    #expect(columns[0]["values"]?["mean"]?.double == (12.5 - 2 + 4 + 8.5) / 4)
    #expect(columns[1]["levels"]?.array?.compactMap { $0["examples"]?.int } == [3, 1, 1])
    #expect(columns[2]["values"]?["mean"]?.double == 13.0 / 5)
    let text = try Program.run(["check", file]).output
    #expect(text.contains("a: 3, b: 1, c: 1"), "\(text)")
  }
}
