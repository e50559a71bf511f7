import ExptFiles
import ExptTestSupport
import Foundation
import Testing

@Suite("Text from files")
struct HostileTextTests {
  /// A run whose folder, name, settings and metrics try to steer the terminal.
  private func hostileRun(_ folder: TemporaryFolder) throws -> String {
    let file = try folder.write(
      """
      name: tiny
      dataset: { type: digits, train: 16, validation: 4, test: 4 }
      model: { type: ae, latent: 2, encoder: { type: mlp, hidden: [4] } }
      training: { epochs: 1 }
      outputs: { images_every: 0, summary: false }
      """, to: "tiny.yaml")
    let made = try Program.run([
      file, "--quiet", "--threads", "1", "--run-dir", folder.file("runs/a\u{1B}[31mb"),
    ])
    try #require(made.status == 0, "\(made.messages)")
    func edit(_ name: String, _ old: String, _ new: String) throws {
      let path = FilePath.join(made.lastLine, name)
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try #require(text.contains(old), "\(text)")
      try Data(text.replacing(old, with: new).utf8).write(to: URL(fileURLWithPath: path))
    }
    try edit("run.json", "\"tiny\"", "\"ti\\u001b]0;owned\\u0007\\u009b31m\\u202eny\"")
    try edit("run.json", "\"failure\": null", "\"failure\": \"\\u001b[2J\"")
    try edit("resolved.yaml", "name: tiny", "name: \"ti\\e[2J\\x9Bny\"")
    try edit("origins.json", "\"default\"", "\"\\u001b[2J\\n\\u202e\"")
    try edit("metrics.csv", "train_loss", "train\u{1B}[5mloss")
    return made.lastLine
  }

  @Test func `never steers the terminal, and keeps its letters`() throws {
    let folder = TemporaryFolder()
    let run = try hostileRun(folder)
    #expect(run.contains("a\u{1B}[31mb"))  // A script gets the path as it is.
    for arguments in [
      ["runs", folder.file("runs")], ["runs", folder.file("runs"), "--csv"],
      ["runs", folder.file("runs"), "--json"], ["compare", run], ["compare", run, "--json"],
      ["compare", run, "--csv"], ["diff", run, run], ["diff", run, run, "--json"],
      ["evaluate", run], ["runs", folder.file("runs"), "--where", "name == '\u{1B}[1mx'"],
      ["run", "--resume", run], ["check", FilePath.join(run, "experiment.yaml")],
      ["check", folder.file("no\u{1B}[1m.yaml")],
    ] {
      let result = try Program.run(arguments)
      let shown = (result.output + result.messages).unicodeScalars.filter {
        $0.isUnsafeToPrint && $0 != "\n" && $0 != "\t"
      }
      // The run folder's path is printed for scripts, byte for byte.
      let expected = arguments.contains("--resume") && result.status == 0 ? 1 : 0
      #expect(shown.count == expected, "\(arguments): \(result.output.debugDescription)")
    }
    let json = try Program.run(["runs", folder.file("runs"), "--json"]).output
    let runs = try JSONValue.parse(Array(json.utf8), path: "")
    #expect(runs.array?.first?["name"]?.string == "ti\u{1B}]0;owned\u{7}\u{9B}31m\u{202E}ny")
  }
}
