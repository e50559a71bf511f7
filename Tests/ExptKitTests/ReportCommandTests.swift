import ExptFiles
import ExptTestSupport
import Foundation
import Testing

@Suite("expt report")
struct ReportCommandTests {
  private static let experiment = """
    dataset: { type: digits, train: 80, validation: 20, test: 10 }
    model: { type: vae, latent: 3, encoder: { type: mlp, hidden: [9] } }
    training: { epochs: 2, batch_size: 16 }
    """

  /// Three runs of two experiments.
  private func runs(in folder: TemporaryFolder) throws -> [String] {
    let file = try folder.write(Self.experiment, to: "small.yaml")
    return try [(1, 3), (2, 3), (1, 2)].enumerated().map { index, run in
      let path = folder.file("runs/\(index)")
      let result = try Program.run([
        "run", file, "--run-dir", path, "--quiet", "--seed", "\(run.0)",
        "--set", "model.latent=\(run.1)",
      ])
      try #require(result.status == 0, "\(result.messages)")
      return path
    }
  }

  @Test func `writes a page of one run, and one of several`() throws {
    _ = try pages(in: TemporaryFolder())
  }

  @Test(.needs(.browser))
  func `writes pages whose every picture a browser decodes, without a complaint`() throws {
    let folder = TemporaryFolder()
    for page in try pages(in: folder) {
      let seen = try Browser.open(page)
      #expect(seen.pictures >= 3 && seen.broken == 0, "\(page): \(seen)")
      #expect(seen.complaints.isEmpty, "\(seen.complaints)")
    }
  }

  private func pages(in folder: TemporaryFolder) throws -> [String] {
    let runs = try runs(in: folder)
    let one = folder.file("one.html")
    let result = try Program.run(["report", runs[0], "-o", one])
    #expect(result.status == 0 && result.lastLine == one, "\(result.messages)")
    let text = try FileBytes.readText(one)
    for part in ["KL of each dimension", "Traversals", "Reconstructions", "Samples", "Diagnosis"] {
      #expect(text.contains(part), "\(part)")
    }
    let several = folder.file("several.html")
    let compared = try Program.run(["compare", folder.file("runs"), "--html", several])
    #expect(compared.status == 0, "\(compared.messages)")
    #expect(try FileBytes.readText(several).contains("3 runs in 2 groups"))
    return [one, several]
  }

  @Test func `says what is wrong with its arguments`() throws {
    let folder = TemporaryFolder()
    #expect(try Program.run(["report", folder.file("none")]).status == 66)
    #expect(try Program.run(["report", folder.path]).status == 65)
  }
}

extension Browser {
  /// Opens a copy of the page with a script that counts its pictures.
  fileprivate static func open(
    _ page: String
  ) throws -> (pictures: Int, broken: Int, complaints: [String]) {
    let probe = """
      <script>addEventListener('load', function () {
        var all = Array.from(document.images);
        document.title = 'probe ' + all.length + ' ' + all.filter(function (image) {
          return !image.complete || image.naturalWidth === 0; }).length; });</script></body>
      """
    let copy = page + ".probe.html"
    let text = try FileBytes.readText(page).replacingOccurrences(of: "</body>", with: probe)
    try AtomicFile.write(text, to: copy)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(path))
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
      "--virtual-time-budget=5000", "--user-data-dir=\(page).profile", "--dump-dom",
      "file://\(copy)",
    ]
    let (output, errors) = (Pipe(), page + ".log")
    try AtomicFile.write("", to: errors)
    process.standardOutput = output
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    let dom = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let title = dom.range(of: "<title>probe ").map { dom[$0.upperBound...].prefix { $0 != "<" } }
    let numbers = (title ?? "0 -1").split(separator: " ").compactMap { Int($0) }
    let complaints = try FileBytes.readText(errors).split(separator: "\n").map(String.init)
      .filter { $0.contains("CONSOLE") }
    return (numbers.first ?? 0, numbers.last ?? -1, complaints)
  }
}
