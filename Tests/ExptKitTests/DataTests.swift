import ExptTestSupport
import Foundation
import Testing

@Suite("Data on the command line")
struct DataTests {
  private let experiment = """
    dataset: { type: mnist, fallback: digits }
    model: { type: vae, latent: 3, encoder: { type: mlp, hidden: [9] } }
    """

  @Test func `SIGINT stops a download, trains nothing on anything else, and leaves no folder`()
    throws
  {
    let folder = TemporaryFolder()
    let mirror = try SilentServer()
    let running = try Program.start(
      ["run", try folder.write(experiment, to: "it.yaml"), "--runs", folder.file("runs")],
      environment: [
        "EXPT_OFFLINE": "", "EXPT_DATA": folder.file("data"),
        "EXPT_MIRROR": "http://127.0.0.1:\(mirror.port)/",
      ])
    while !running.messagesSoFar.contains("downloading"), running.process.isRunning {
      Thread.sleep(forTimeInterval: 0.005)
    }
    kill(running.process.processIdentifier, SIGINT)
    let result = try running.wait()
    #expect(result.status == 130)
    #expect(result.messages.contains("stopped while downloading MNIST"))
    #expect(result.output == "")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["it.yaml"])
  }

  /// The program starts in the package's folder, where the pictures of the documentation lie.
  @Test func `relative paths are counted from there, wherever the experiment file lies`() throws {
    let folder = TemporaryFolder()
    let pictures = """
      dataset: { type: images, path: docs/images, channels: grey, size: 16 }
      model: { type: ae, latent: 2, encoder: { type: mlp, hidden: [5] } }
      training: { epochs: 1, batch_size: 4 }
      """
    let file = try folder.write(pictures, to: "pictures.yaml")
    for (experiment, run) in [(file, "one"), (folder.file("one/resolved.yaml"), "two")] {
      let result = try Program.run([
        "run", experiment, "--run-dir", folder.file(run), "--quiet",
      ])
      try #require(result.status == 0, "\(result.messages)")
    }
    let metrics = try ["one", "two"].map {
      try String(contentsOfFile: folder.file("\($0)/metrics.csv"), encoding: .utf8)
    }
    #expect(metrics[0] == metrics[1])
    let absent = try Program.run(["run", file, "--set", "dataset.path=no/such"])
    #expect(absent.status == 66)
    #expect(
      absent.messages.contains("no/such: there is no such folder. Paths are relative"))
    // Sentences end in one full stop.
    let fallback = "dataset.fallback={ type: digits, train: 20, test: 4, size: 16 }"
    let fallen = try Program.run([
      "run", file, "--run-dir", folder.file("fallen"), "--set", "dataset.path=no/such", "--set",
      fallback,
    ])
    #expect(fallen.messages.contains("is started in. TRAINING ON 'digits'"), "\(fallen.messages)")
  }
}

/// Takes connections and never says a word.
private final class SilentServer {
  let port: UInt16
  private let socket: Int32

  init() throws {
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    let socket = makeSocket(AF_INET, stream, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, size) + listen(socket, 4) + getsockname(socket, $0, &size)
      }
    }
    try #require(status == 0)
    self.socket = socket
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(socket) }
}

private func makeSocket(_ family: Int32, _ type: Int32, _ number: Int32) -> Int32 {
  socket(family, type, number)
}
