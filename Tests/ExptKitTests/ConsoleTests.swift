import ExptKit
import ExptTestSupport
import Foundation
import Testing

/// The program where it can hardly speak: its streams closed, full, or read by nobody.
@Suite("Results")
struct ConsoleTests {
  /// Commands that print, among them those of the argument parser, on a folder with one run.
  private static let printing = [
    "--version", "--help", "describe", "describe vae", "schema", "check experiments/quick.yaml",
    "run --dry-run experiments/quick.yaml", "runs $RUNS", "runs $RUNS --json", "runs $RUNS --csv",
    "compare $RUNS", "evaluate $RUN", "export $RUN --format onnx -o $RUNS/onnx",
    "--generate-completion-script bash",
  ]

  private let folder = TemporaryFolder()

  /// Runs one line of the shell, in which `expt` is the program and `RUN` a finished run.
  private func shell(_ line: String) throws -> Program.Result {
    let file = try folder.write(SmallExperiments.vae, to: "small.yaml")
    let runs = folder.file("runs")
    if !FileManager.default.fileExists(atPath: runs) {
      try #require(
        try Program.run([
          file, "--quiet", "--threads", "1", "--runs", runs, "--run-dir", runs + "/a",
        ])
        .status == 0)
    }
    return try Program.start(
      tool: ["bash", "-c", "expt() { \"$EXPT\" \"$@\"; }; " + line],
      environment: [
        "EXPT": try Program.path, "RUNS": runs, "RUN": runs + "/a", "FILE": file,
      ]
    ).wait()
  }

  @Test(.needs(.fullDevice))
  func `that no disk takes are an error of output, whatever command printed them`() throws {
    for command in Self.printing {
      let result = try shell("expt \(command) > /dev/full")
      #expect(result.status == 74, "\(command)")
      #expect(
        result.messages.hasSuffix(
          "error: cannot write the results to standard output: No space left on device\n"),
        "\(command): \(result.messages)")
    }
  }

  @Test func `that go to a closed stream are an error of output`() throws {
    for command in Self.printing {
      let result = try shell("expt \(command) >&-")
      #expect(result.status == 74, "\(command)")
      #expect(
        result.messages.hasSuffix(
          "error: cannot write the results to standard output: it is closed\n"),
        "\(command): \(result.messages)")
    }
  }

  @Test func `may be left by their reader`() throws {
    for command in Self.printing {
      // `true` has ended long before anything is printed.
      let result = try shell("{ sleep 0.2; expt \(command); echo $? >&3; } 3>&2 2>/dev/null | true")
      #expect(result.messages == "0\n", "\(command)")
    }
  }

  @Test(.needs(.python))
  func `reach a slow reader whole, through a pipe that does not block`() throws {
    let program = """
      import os, subprocess, sys, time
      out, into = os.pipe()
      os.set_blocking(into, False)
      child = subprocess.Popen([os.environ["EXPT"], "schema"], stdout=into)
      os.close(into)
      time.sleep(0.5)
      text = b""
      while part := os.read(out, 4096): text += part
      print(child.wait(), len(text))
      """
    let whole = try Program.run(["schema"]).output.utf8.count
    #expect(whole > 65_536, "the schema fills a pipe")
    let result = try shell("\(Python.program) -c '\(program)'")
    #expect(result.output == "0 \(whole)\n", "\(result.messages)")
  }

  @Test func `of a training nobody listens to are the same`() throws {
    let expected = try String(contentsOfFile: try trained(""), encoding: .utf8)
    for streams in ["2>&-", "<&- 2>&-", "2>/dev/full", "2> >(true)"] {
      let path = try trained("\(streams) > $RUNS/path")
      #expect(try String(contentsOfFile: path, encoding: .utf8) == expected, "\(streams)")
    }
    // Its files must not get the numbers of the closed streams.
    let mute = try shell("expt $FILE --threads 1 --runs $RUNS --run-dir $RUNS/b <&- >&- 2>&-")
    #expect(mute.status == 74)
    let metrics = folder.file("runs/b/metrics.csv")
    #expect(try String(contentsOfFile: metrics, encoding: .utf8) == expected)
  }

  /// Trains with these redirections; returns the path of `metrics.csv`.
  private func trained(_ redirections: String) throws -> String {
    let name = UUID().uuidString
    let result = try shell(
      "expt $FILE --threads 1 --runs $RUNS --run-dir $RUNS/\(name) \(redirections)")
    #expect(result.status == 0, "\(redirections): \(result.messages)")
    return folder.file("runs/\(name)/metrics.csv")
  }

  @Test func `need no more than a handful of open files, and say so where there are none`() throws {
    for command in ["--version", "check $FILE", "runs $RUNS", "describe vae"] {
      let result = try shell("ulimit -n 4; expt \(command)")
      #expect(result.status == 0, "\(command): \(result.messages)")
    }
    let result = try shell("ulimit -n 4; expt $FILE --quiet --runs $RUNS/few")
    #expect(result.status == 74)
    #expect(result.messages.contains("Too many open files"), "\(result.messages)")
  }

  @Test func `of a run whose files may not grow are an error of output`() throws {
    let result = try shell("ulimit -f 16; expt $FILE --quiet --threads 1 --runs $RUNS/small")
    #expect(result.status == 74, "\(result.messages)")
    #expect(result.messages.contains("File too large"), "\(result.messages)")
  }

  #if os(Linux)
    @Test func `need no thread, and are the same with fewer than were asked for`() throws {
      // Stacks larger than all memory allowed: no thread can be started, not even by the libraries.
      let few = "ulimit -s 2000000; ulimit -v 1500000; "
      for command in ["--version", "describe vae", "check $FILE", "runs $RUNS", "evaluate $RUN"] {
        let result = try shell(few + "expt \(command)")
        #expect(result.status == 0, "\(command): \(result.messages)")
      }
      let run = "expt $FILE --quiet --threads 4 --runs $RUNS --run-dir $RUNS"
      let result = try shell(few + run + "/few")
      #expect(result.status == 0)
      #expect(result.messages.contains("only 1 of 4 threads"), "\(result.messages)")
      #expect(try shell("cmp $RUN/metrics.csv $RUNS/few/metrics.csv").status == 0)
      let manifest = try String(contentsOfFile: folder.file("runs/few/run.json"), encoding: .utf8)
      #expect(manifest.contains("\"threads\": 1,"))
    }

    @Test func `of a run whose terminal goes away are saved`() throws {
      // `nohup` wants it to go on: then it does.
      for (start, status) in [("env --default-signal=HUP", 130), ("nohup", 0)] {
        let line = """
          \(start) "$EXPT" $FILE --quiet --threads 1 --runs $RUNS/left --set training.epochs=60 \
          > $RUNS/path 2>&1 & run=$!
          until ls $RUNS/left/*/*/log.txt > /dev/null 2>&1; do sleep 0.005; done
          kill -HUP $run; kill -HUP $run; wait $run
          """
        _ = try shell("rm -rf $RUNS/left")
        let result = try shell(line)
        #expect(result.status == Int32(status), "\(start): \(result.messages)")
      }
    }
  #endif
}
