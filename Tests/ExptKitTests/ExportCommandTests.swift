import ExptFiles
import Foundation
import Testing

@Suite("expt export")
struct ExportCommandTests {
  private static let experiment = """
    dataset: { type: digits, train: 80, validation: 20, test: 10 }
    model: { type: vae, latent: 3, encoder: { type: mlp, hidden: [9] } }
    training: { epochs: 3, batch_size: 16 }
    outputs: { tensorboard: true }
    """

  private func run(in folder: TemporaryFolder, _ extra: [String] = []) throws -> String {
    let file = try folder.write(Self.experiment, to: "small.yaml")
    let path = folder.file("run")
    let result = try Program.run(["run", file, "--run-dir", path, "--quiet"] + extra)
    try #require(result.status == 0, "\(result.messages)")
    return path
  }

  private func events(in folder: String) throws -> String {
    let name = try #require(try FilePath.names(in: folder).first { $0.contains("tfevents") })
    return FilePath.join(folder, name)
  }

  @Test func `writes the event file that training writes, also after it was resumed`() throws {
    let folder = TemporaryFolder()
    let path = try run(in: folder, ["--set", "training.epochs=2"])
    let resumed = try Program.run(
      ["run", "--resume", path, "--set", "training.epochs=3", "--quiet"])
    try #require(resumed.status == 0, "\(resumed.messages)")
    let exported = try Program.run(["export", path, "--format", "tensorboard"])
    #expect(exported.status == 0, "\(exported.messages)")
    let live = try FileBytes.read(events(in: path + "/tensorboard"))
    #expect(try FileBytes.read(exported.lastLine) == live)
  }

  @Test func `writes what TensorBoard's own reader reads as in metrics.csv`() throws {
    guard Python.has(["tensorboard"]) else {
      print("skipped: no Python with tensorboard here")
      return
    }
    let folder = TemporaryFolder()
    let path = try run(in: folder)
    let program = """
      import csv, sys
      from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
      events = EventAccumulator(sys.argv[1] + "/tensorboard", size_guidance={"images": 0}).Reload()
      rows = list(csv.DictReader(open(sys.argv[1] + "/metrics.csv")))
      for tag, column in [("loss/train", "train_loss"), ("kl/validation", "validation_kl")]:
          seen = events.Scalars(tag)
          assert [e.step for e in seen] == [int(r["step"]) for r in rows], tag
          assert all(abs(e.value - float(r[column])) < 1e-4 for e, r in zip(seen, rows)), tag
      images = events.Images("reconstructions")
      print(len(rows), len(images), images[0].width, images[0].encoded_image_string[:4])
      """
    let output = try Python.run(["-c", program, path])
    #expect(output == "3 3 463 b'\\x89PNG'\n")
  }

  @Test func `writes the weights of the checkpoint, for NumPy too`() throws {
    let folder = TemporaryFolder()
    let path = try run(in: folder)
    let result = try Program.run(["export", path, "--format", "npz", "--checkpoint", "last"])
    #expect(result.status == 0 && result.lastLine == path + "/made/weights-last.npz")
    let arrays = try NPZ.read(result.lastLine)
    let file = try Safetensors.read(path + "/checkpoints/last.safetensors")
    #expect(arrays.count == file.tensors.count && !arrays.isEmpty)
    for (name, array) in arrays {
      #expect(array.shape == file[name]?.shape && array.floats == file[name]?.floats, "\(name)")
    }
    let same = try Program.run([
      "export", path, "--format", "safetensors", "-o", folder.file("out"),
    ])
    #expect(
      try Safetensors.read(same.lastLine).tensors
        == Safetensors.read(
          path + "/checkpoints/best.safetensors"
        ).tensors)
  }

  @Test func `says what is wrong with its arguments`() throws {
    let folder = TemporaryFolder()
    #expect(try Program.run(["export", folder.path, "--format", "npz"]).status == 65)
    #expect(try Program.run(["export", folder.path, "--format", "pdf"]).status == 64)
  }
}
