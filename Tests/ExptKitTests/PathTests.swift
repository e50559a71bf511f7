import ExptDocument
import ExptTestSupport
import Foundation
import Testing

@testable import ExptKit

@Suite("Paths on the command line and in files")
struct PathTests {
  private let experiment = """
    name: paths
    dataset: { type: images, path: ~/pictures, channels: grey, size: 8 }
    model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [4] } }
    training: { epochs: 1, batch_size: 4 }
    outputs: { images_every: 0, summary: false }
    """

  @Test func `the home folder is found in settings, options and EXPT_DATA, and stays unwritten`()
    throws
  {
    let folder = TemporaryFolder()
    let pictures = packageFolder + "/docs/images"
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("pictures"), withDestinationPath: pictures)
    let file = try folder.write(experiment, to: "it.yaml")
    let home = ["HOME": folder.path, "SPOT": folder.path]
    let first = try Program.run(["run", file, "--runs=~/runs", "--quiet"], environment: home)
    try #require(first.status == 0, "\(first.messages)")
    #expect(first.lastLine.hasPrefix(folder.file("runs/paths/")))
    let resolved = try String(
      contentsOfFile: first.lastLine + "/resolved.yaml", encoding: .utf8)
    #expect(resolved.contains("path: \"~/pictures\""))
    let second = try Program.run(
      ["run", "~/it.yaml", "--run-dir", "${SPOT}/two", "--set", "dataset.path=$SPOT/pictures"],
      environment: home)
    try #require(second.status == 0, "\(second.messages)")
    let metrics = try [first.lastLine, folder.file("two")].map {
      try String(contentsOfFile: $0 + "/metrics.csv", encoding: .utf8)
    }
    #expect(metrics[0] == metrics[1])
    let absent = try Program.run(
      ["run", file, "--set", "dataset={ type: mnist }"],
      environment: home.merging(["EXPT_DATA": "~/data"]) { $1 })
    #expect(absent.status == 66)
    #expect(absent.messages.contains("MNIST is not in \(folder.path)/data/mnist"))
    #expect(!FileManager.default.fileExists(atPath: packageFolder + "/~"))
  }

  @Test func `a finished run of data elsewhere is used without its variables`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(
      experiment.replacingOccurrences(of: "~/pictures", with: "'${PLACE}'"), to: "it.yaml")
    let place = ["PLACE": packageFolder + "/docs/images"]
    let run = try Program.run(
      ["run", file, "--run-dir", folder.file("run"), "--quiet"], environment: place)
    try #require(run.status == 0, "\(run.messages)")
    let sampled = try Program.run(["sample", folder.file("run"), "-o", folder.file("s.pgm")])
    #expect(sampled.status == 0, "\(sampled.messages)")
    let encoded = try Program.run(["encode", folder.file("run"), "-o", folder.file("e.csv")])
    #expect(encoded.status == 65)
    #expect(encoded.messages.contains("the environment variable 'PLACE' is not set"))
    let checked = try Program.run(["check", file])
    #expect(checked.status == 65)
    #expect(checked.messages.contains("it.yaml:2:32: error: 'path' is the text '${PLACE}'"))
  }

  @Test(arguments: [
    (["run", "~/x.yaml", "--runs=~/r"], ["run", "/h/x.yaml", "--runs=/h/r"]),
    (["--runs", "a/${A}", "-o", "$A"], ["--runs", "a/b", "-o", "b"]),
    (
      ["--set", "dataset.root=~/x", "name=${seed}"], ["--set", "dataset.root=~/x", "name=${seed}"]
    ),
    (["--where", "name ~ x", "--set=a=$b"], ["--where", "name ~ x", "--set=a=$b"]),
    (["~x", "a~", "$1"], ["~x", "a~", "$1"]),
  ])
  func `arguments are expanded where they are paths`(
    _ arguments: [String], _ expected: [String]
  ) throws {
    let expansion = PathExpansion { ["HOME": "/h", "A": "b"][$0] }
    #expect(try ExpandedArguments.expand(arguments, by: expansion) == expected)
  }

  @Test func `an argument with a variable that is not set is a mistake in usage`() throws {
    let result = try Program.run(["run", "--runs=${NO_SUCH_VARIABLE}/r", "x.yaml"])
    #expect(result.status == 64)
    #expect(
      result.messages.hasPrefix(
        "error: --runs=${NO_SUCH_VARIABLE}/r: the environment variable 'NO_SUCH_VARIABLE' is not "
          + "set\n"))
  }
}
