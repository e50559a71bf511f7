import ExptFiles
import ExptTestSupport
import Foundation
import Testing

/// Runs on 600 images of 4×4 in a file that is larger than the memory it may take.
@Suite("Arrays that are not in memory, on the command line")
struct LargeArrayCommandTests {
  private let folder = TemporaryFolder()

  private static let experiment = """
    dataset: { type: npy, images: PATH, memory: 4kB, test: 20, validation: 60, binarization: stochastic }
    model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [5] } }
    training: { epochs: 2, batch_size: 37 }
    outputs: { images_every: 0 }
    """

  init() throws {
    try NPYArray(shape: [600, 4, 4], floats: (0..<9600).map { Float($0 * 7 % 101) / 101 })
      .write(to: folder.file("x.npy"))
    try folder.write(
      Self.experiment.replacingOccurrences(of: "PATH", with: folder.file("x.npy")), to: "it.yaml")
  }

  private func run(_ name: String, _ arguments: [String]) throws -> Program.Result {
    try Program.run(
      ["run", folder.file("it.yaml"), "--run-dir", folder.file(name), "--quiet"] + arguments)
  }

  @Test func `a run has the same bytes on any threads, and stopped and resumed`() throws {
    #expect(try run("one", ["--threads", "1"]).status == 0)
    #expect(try run("two", ["--threads", "2"]).status == 0)
    #expect(try run("stopped", ["--pause-after", "1"]).status == 130)
    let resumed = try Program.run(["run", "--resume", folder.file("stopped"), "--quiet"])
    #expect(resumed.status == 0, "\(resumed.messages)")
    for file in ["metrics.csv", "checkpoints/last.safetensors"] {
      let bytes = try FileBytes.read(folder.file("one/" + file))
      #expect(try FileBytes.read(folder.file("two/" + file)) == bytes)
      #expect(try FileBytes.read(folder.file("stopped/" + file)) == bytes)
    }
  }

  @Test func `commands say how many images fit, and measure those`() throws {
    let made = try run("run", [])
    // What is only to be known is a note.
    let note = "note: \(folder.file("x.npy")): its 600 images stay in the file"
    #expect(made.messages.contains(note), "\(made.messages)")
    #expect(try FileBytes.readText(folder.file("run/log.txt")).contains(note))
    let all = ["evaluate", folder.file("run"), "--split", "train"]
    #expect(try Program.run(all + ["--samples", "1"]).status == 0)
    let quality = all + ["--metrics", "reconstruction_quality"]
    let refused = try Program.run(quality)
    #expect(refused.status == 65)
    #expect(refused.messages.contains("(--limit 62)"), "\(refused.messages)")
    #expect(try Program.run(quality + ["--limit", "62"]).status == 0)
    #expect(try Program.run(["encode", folder.file("run"), "--split", "train"]).status == 0)
  }

  @Test func `a model that is fitted to all images at once is refused`() throws {
    let refused = try run("ppca", ["--set", "model={type: ppca, latent: 2}"])
    #expect(refused.status == 65, "\(refused.messages)")
    #expect(
      refused.messages.contains("fitted to all training images at once"), "\(refused.messages)")
  }
}
