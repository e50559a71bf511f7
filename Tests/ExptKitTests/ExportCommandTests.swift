import ExptFiles
import ExptTestSupport
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

  @Test(.needs(.tensorBoard))
  func `writes what TensorBoard's own reader reads as in metrics.csv`() throws {
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
    let output = try Python.run(program, [path])
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

  @Test func `writes a run into MLflow's store once, apart from the run`() throws {
    _ = try store(in: TemporaryFolder())
  }

  @Test(.needs(.mlflow))
  func `writes runs that MLflow reads with their settings, metrics and pictures`() throws {
    let folder = TemporaryFolder()
    let (store, path) = try store(in: folder)
    let output = try Python.run(Self.mlflowReader, [store, path])
    #expect(output == "small FINISHED 3 3 vae [9] 463\n")
  }

  /// A store with two runs of one experiment; the first, at `run`, is exported twice.
  private func store(in folder: TemporaryFolder) throws -> (store: String, run: String) {
    let path = try run(in: folder, ["--set", "training.epochs=2"])
    let store = folder.file("a store")
    let first = try Program.run(["export", path, "--format", "mlflow", "-o", store])
    #expect(first.status == 0, "\(first.messages)")
    let more = try Program.run(
      ["run", "--resume", path, "--set", "training.epochs=3", "--quiet"])
    try #require(more.status == 0, "\(more.messages)")
    let second = try Program.run(["export", path, "--format", "mlflow", "-o", store])
    #expect(second.lastLine == first.lastLine, "a run is there once, however often it is exported")
    let copy = second.lastLine + "/artifacts/weights/best.safetensors"
    let original = path + "/checkpoints/best.safetensors"
    #expect(try FileBytes.read(copy) == FileBytes.read(original))
    let names = try FileManager.default.attributesOfItem(atPath: copy)[.referenceCount] as? Int
    #expect(names == 1, "a change in the store would change the run")
    let other = folder.file("other")
    let file = folder.file("small.yaml")
    let another = try Program.run(
      ["run", file, "--run-dir", other, "--quiet", "--set", "model.latent=2"])
    try #require(another.status == 0, "\(another.messages)")
    let third = try Program.run(["export", other, "--format", "mlflow", "-o", store])
    #expect(third.status == 0 && FilePath.folder(of: third.lastLine) == experiment(first))
    return (store, path)
  }

  private func experiment(_ exported: Program.Result) -> String {
    FilePath.folder(of: exported.lastLine)
  }

  /// Newer versions read folders only where that is allowed.
  private static let mlflowReader = """
    import csv, os, sys
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    from mlflow import MlflowClient, artifacts
    from mlflow.entities import ViewType
    store, folder = sys.argv[1:]
    client = MlflowClient("file://" + os.path.abspath(store))
    names = {e.name: e.experiment_id for e in client.search_experiments(ViewType.ALL)}
    assert sorted(names) == ["Default", "small"], names
    kind = client.get_experiment(names["small"]).tags["mlflow.experimentKind"]
    assert kind == "custom_model_development", kind
    runs = client.search_runs([names["small"]], "params.`model.latent` = '3'")
    assert len(runs) == 1 and len(client.search_runs([names["small"]])) == 2
    run = runs[0]
    rows = list(csv.DictReader(open(folder + "/metrics.csv")))
    for column in rows[0]:
        if column in ("epoch", "step"): continue
        seen = client.get_metric_history(run.info.run_id, column)
        wanted = [r for r in rows if r[column]]
        assert [m.step for m in seen] == [int(r["step"]) for r in wanted], column
        assert [m.value for m in seen] == [float(r[column]) for r in wanted], column
        assert all(a.timestamp <= b.timestamp for a, b in zip(seen, seen[1:])), column
    listed = {f.path for d in ("", "images", "weights")
              for f in client.list_artifacts(run.info.run_id, d)}
    for name in ("metrics.csv", "resolved.yaml", "images/reconstructions-epoch-0003.png",
                 "weights/best.safetensors"):
        assert name in listed, (name, listed)
    with open(run.info.artifact_uri.replace("file://", "").replace("%20", " ")
              + "/images/reconstructions-epoch-0003.png", "rb") as file:
        width = int.from_bytes(file.read(20)[16:20], "big")
    assert run.data.tags["diagnosis"] and run.info.end_time >= run.info.start_time
    print("small", run.info.status, len(rows), run.data.params["training.epochs"],
          run.data.params["model.type"], run.data.params["model.encoder.hidden"], width)
    """

  @Test func `says what is wrong with its arguments`() throws {
    let folder = TemporaryFolder()
    #expect(try Program.run(["export", folder.path, "--format", "npz"]).status == 65)
    #expect(try Program.run(["export", folder.path, "--format", "pdf"]).status == 64)
  }
}
