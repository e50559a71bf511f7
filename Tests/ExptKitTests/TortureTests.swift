import ExptTestSupport
import Foundation
import Testing

/// A short piece of the fault campaign (`make torture`), the same every time.
@Suite("Under faults the program")
struct TortureTests {
  @Test(.needs(.python))
  func `neither traps nor hangs, and its bytes stay the same`() throws {
    let folder = TemporaryFolder()
    let parts = [
      "kill", "placed_kill", "placed_term", "placed_full_disk", "streams", "open_files",
      "experiment", "words", "sweep", "run_folder", "pictures",
    ]
    let result = try Program.start(
      tool: [
        Python.program, "scripts/torture/torture.py", "--expt", try Program.path, "--seed", "1",
        "--count", "2", "--jobs", "2", "--keep", folder.file("failures"),
      ] + parts.flatMap { ["--only", $0] }
    ).wait()
    #expect(result.status == 0, "\(result.messages)")
    for verdict in ["traps", "hangs", "odd answers", "differing bytes"] {
      #expect(result.output.contains("| \(verdict) | 0 |"), "\(result.output)")
    }
    #expect(result.output.contains("| fuzzed inputs | 108 |"), "\(result.output)")
  }

  @Test(.needs(.python))
  func `is found guilty where it is`() throws {
    let folder = TemporaryFolder()
    // A program that a signal ends, and one whose code means nothing.
    for (script, verdict) in [
      ("kill -ILL $$", "traps"), ("exit 3", "odd answers"),
    ] {
      let program = try folder.write("#!/bin/bash\n\(script)\n", to: "guilty")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
      let result = try Program.start(tool: [
        Python.program, "scripts/torture/torture.py", "--expt", program, "--count", "2", "--only",
        "experiment", "--keep", folder.file("failures"),
      ]).wait()
      #expect(result.status == 1)
      #expect(result.output.contains("| \(verdict) | 2 |"), "\(result.output)")
    }
  }
}
