import ExptFiles
import ExptTestSupport
import Foundation
import Testing

/// `scripts/install.sh`, which `make install` and `scripts/release.sh` call.
@Suite("Installing")
struct InstallTests {
  private let folder = TemporaryFolder()

  private func install(_ arguments: String...) throws {
    let script = packageFolder + "/scripts/install.sh"
    let result = try Program.start(tool: [script] + arguments).wait()
    try #require(result.status == 0, "\(result.messages)")
  }

  @Test func `puts everything below a prefix, and takes it away again`() throws {
    let manual = try folder.write(".Dd 2026\n", to: "expt.1")
    let prefix = folder.file("a prefix")
    try install(Program.path, manual, prefix)
    let program = prefix + "/bin/expt"
    let version = try Program.start(tool: [program, "--version"]).wait()
    let expected = try Program.run(["--version"])
    #expect(version.status == 0 && version.output == expected.output)
    let completions = [
      "bash-completion/completions/expt": "complete", "zsh/site-functions/_expt": "#compdef expt",
      "fish/vendor_completions.d/expt.fish": "complete -c",
    ]
    for (place, text) in completions {
      let script = try FileBytes.readText("\(prefix)/share/\(place)")
      #expect(script.contains(text) && script.contains("init"), "\(place)")
    }
    #expect(try FileBytes.readText(prefix + "/share/man/man1/expt.1") == ".Dd 2026\n")
    for name in ["README.md", "LICENSE", "docs/starting.md", "experiments/quick.yaml"] {
      #expect(FilePath.exists("\(prefix)/share/doc/expt/\(name)"), "\(name)")
    }
    try folder.write("mine", to: "a prefix/share/man/man1/other.1")
    try install("--remove", prefix)
    let left = try FileManager.default.subpathsOfDirectory(atPath: prefix)
    #expect(left.filter { !FilePath.isFolder("\(prefix)/\($0)") } == ["share/man/man1/other.1"])
  }
}
