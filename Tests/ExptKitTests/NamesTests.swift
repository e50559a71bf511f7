import ExptTestSupport
import Foundation
import Testing

@Suite("An experiment's name")
struct NamesTests {
  private static let text = """
    seed: 1
    dataset: { type: digits, train: 16, test: 4 }
    model: { type: ae, latent: 2, encoder: { type: mlp, hidden: [4] } }
    training: { epochs: 1 }
    outputs: { images_every: 0, summary: false }
    """

  @Test(arguments: [
    ("vae+flow", true), ("beta=4", true), ("größe", true), ("実験", true), ("a.b", true),
    ("vae (copy)", true), ("it's", true), ("2024", true), ("-x", false), (".x", false),
    ("a/b", false), ("a:b", false), ("x ", false), ("a\nb", false), ("..", false),
    (String(repeating: "x", count: 250), false),
  ])
  func `is judged alike by check, dry run, run and sweep`(_ name: String, _ isGood: Bool) throws {
    let folder = TemporaryFolder()
    let file = try folder.write(Self.text, to: "e.yaml")
    let status: Int32 = isGood ? 0 : 65
    let options = ["--name=\(name)"]
    #expect(try Program.run(["check", file] + options).status == status)
    #expect(try Program.run(["run", file, "--dry-run"] + options).status == status)
    let run = try Program.run(
      [file, "--quiet", "--threads", "1", "--runs", folder.file("runs")] + options)
    #expect(run.status == status, "\(run.messages)")
    if isGood { #expect(run.lastLine.contains("/runs/\(name)/")) }
    let quoted = name.replacing("\n", with: "\\n")
    let sweep = try folder.write(
      "name: \"\(quoted)\"\nexperiment: e.yaml\ngrid: { model.latent: [1, 2] }\n",
      to: "s.yaml")
    let swept = try Program.run(["sweep", sweep, "--dry-run", "--threads", "1"])
    #expect(swept.status == status, "\(swept.messages)")
    if !isGood { #expect(swept.messages.contains("cannot name a folder")) }
  }

  @Test(arguments: [
    ("my experiment.yaml", true), ("vae (copy).yaml", true), ("größe.yaml", true),
    ("a=1.yaml", true), ("a:b.yaml", false), (".yaml", false),
  ])
  func `is that of the file, and where that cannot be, the file is told from 'name:'`(
    _ file: String, _ isGood: Bool
  ) throws {
    let folder = TemporaryFolder()
    let path = try folder.write(Self.text, to: file)
    for arguments in [["check", path], ["run", path, "--quiet", "--runs", folder.file("runs")]] {
      let result = try Program.run(arguments)
      #expect(result.status == (isGood ? 0 : 65), "\(result.messages)")
      if !isGood {
        #expect(result.messages.contains("the file's own name"))
        #expect(result.messages.contains("--name"))
      }
    }
  }
}
