import ExptTestSupport
import Foundation
import Testing

/// Every command in `README.md` and `docs/`, typed as it stands, page by page from top to bottom, in
/// a folder that has `experiments/` with less to do and two finished runs.
@Suite("What the pages say to type")
struct DocumentedCommandsTests {
  /// Lines that are not run, and why.
  private static let exceptions = [
    "swift test": "it is what runs this test",
    "swift build -c release --product expt": "CI does; here it would take minutes",
    "expt verify --tier quick": "CI does, and VerifyCommandTests has smaller ones",
    "expt serve": "it goes on until Ctrl-C; ServeCommandTests look at its page",
    "python3 load.py": "PyTorchParityTests runs the page's program",
  ]

  /// What is written another way to be run here, and why.
  private static let replacements: [(text: String, by: String, reason: String)] = [
    (
      "$(which sudo) apt-get install -y libyaml-dev zlib1g-dev && ", "", "the machine is left alone"
    ),
    ("swift run expt", "expt", "it is built already"),
    ("swift run custom-expt", "custom-expt", "it is built already"),
    (
      "expt bench ", "expt bench W3 --rounds 1 dataset.limit=256 ", "one workload of five, and less"
    ),
    ("--pause-after 1 ", "--pause-after 1 || test $? = 130 ", "stopping has its own exit code"),
    ("RUN RUN", "quick latest", "any two runs"),
    (
      "expt axes ", "expt experiments/quick.yaml --quiet model.beta=4 && expt axes ",
      "runs that differ"
    ),
  ]

  @Test("works", arguments: Document.all)
  func works(_ document: Document) throws {
    let folder = TemporaryFolder()
    try Self.furnish(folder)
    var script = "set -euo pipefail\n"
    for line in document.commands where !Self.exceptions.keys.contains(where: line.hasPrefix) {
      let command = Self.replacements.reduce(line) {
        $0.replacingOccurrences(of: $1.text, with: $1.by)
      }
      script += "echo '> \(line.replacingOccurrences(of: "'", with: ""))' >&2\n\(command)\n"
    }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let result = try Program.start(
      tool: ["bash", "-c", "cd \"$FOLDER\"\n" + script],
      environment: [
        "FOLDER": folder.path, "HOME": folder.path, "EXPT": "expt",
        "PATH": folder.file("bin") + ":" + path,
      ]
    ).wait()
    // The last line behind a '>' is the command that failed.
    #expect(result.status == 0, "\(result.messages.suffix(2000))")
  }

  /// A copy of what the commands name. The experiments are the same with less to do.
  private static func furnish(_ folder: TemporaryFolder) throws {
    let files = FileManager.default
    for name in ["bin", "experiments", "Examples"] {
      try files.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
    }
    try files.createSymbolicLink(
      atPath: folder.file("bin/expt"), withDestinationPath: Program.path)
    try files.createSymbolicLink(
      atPath: folder.file("bin/custom-expt"), withDestinationPath: CustomPlugin.program)
    try files.createDirectory(atPath: folder.file("docs"), withIntermediateDirectories: true)
    for name in [
      "scripts", "experiments/sweeps", "experiments/data", "Examples/CustomPlugin", "docs/images",
    ] {
      try files.copyItem(atPath: "\(packageFolder)/\(name)", toPath: folder.file(name))
    }
    let experiments = packageFolder + "/experiments"
    for name in try files.contentsOfDirectory(atPath: experiments) where name.hasSuffix(".yaml") {
      try folder.write(
        """
        extends: \(experiments)/\(name)
        dataset: { limit: 120, validation: 40 }
        training: { epochs: 2, batch_size: 20 }
        """, to: "experiments/\(name)")
    }
    for seed in ["1", "2"] {
      let run = try Program.run([
        "run", folder.file("experiments/quick.yaml"), "--runs", folder.file("runs"), "--seed", seed,
        "--quiet",
      ])
      try #require(run.status == 0, "\(run.messages)")
    }
  }

  @Test func `nothing is excepted or replaced that no page says`() {
    let lines = Document.all.flatMap(\.commands)
    #expect(lines.count > 50)
    for start in Self.exceptions.keys {
      #expect(lines.contains { $0.hasPrefix(start) }, "\(start)")
    }
    for (text, _, _) in Self.replacements {
      #expect(lines.contains { $0.contains(text) }, "\(text)")
    }
  }

  /// `expt run FILE --profile` in a sentence: `expt run --help` must know `--profile`.
  @Test func `commands and options that sentences name exist`() throws {
    var helps: [String: String] = [:]
    for document in Document.all {
      for words in document.mentions {
        let command =
          words[1].first?.isLowercase == true && words[1].allSatisfy(\.isLetter)
          ? [words[1]] : []
        let key = command.first ?? ""
        if helps[key] == nil {
          let help = try Program.run(command + ["--help"])
          #expect(help.status == 0, "\(document.path): \(words.joined(separator: " "))")
          helps[key] = help.output
        }
        for option in words.dropFirst() where option.hasPrefix("-") {
          // Those of the parser itself are in no help.
          let isKnown =
            option == "--generate-completion-script" || helps[key]?.contains(option) == true
          #expect(isKnown, "\(document.path): \(words.joined(separator: " "))")
        }
      }
    }
    #expect(helps.count > 5)
  }
}
