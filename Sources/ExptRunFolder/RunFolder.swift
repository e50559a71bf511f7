public import ExptFiles

/// One run's folder: training writes it, everything else reads it.
///
///     let run = try RunFolder.create(root: "runs", name: "vae_mnist", hash: "1f3a9c2e")
///     run.path  // runs/vae_mnist/20260131-235908-1f3a9c2e
public struct RunFolder: Sendable, Hashable {
  public let path: String

  /// A folder taken for a run, whatever is in it; `open` looks first.
  public init(path: String) { self.path = path }

  /// The experiment file as given, byte for byte.
  public var experimentFile: String { file("experiment.yaml") }
  /// Every setting with its value; running it gives the same bytes.
  public var resolvedFile: String { file("resolved.yaml") }
  /// What and how the run is: see `Manifest`.
  public var manifestFile: String { file("run.json") }
  /// One row per epoch, the same bytes on every machine: see `MetricsTable`.
  public var metricsFile: String { file("metrics.csv") }
  /// Seconds and samples a second: what differs from run to run.
  public var timingFile: String { file("timing.csv") }
  /// What was printed.
  public var logFile: String { file("log.txt") }
  public var checkpointsFolder: String { file("checkpoints") }
  public var imagesFolder: String { file("images") }
  /// What a report shows of the trained model, written when training ends.
  public var summaryFolder: String { file("summary") }
  /// Latents of held-out images: see `SummaryObserver`.
  public var summaryLatents: String { FilePath.join(summaryFolder, "latents.npz") }
  /// What was fitted to the latents after training.
  public var samplersFolder: String { file("samplers") }
  /// Held by the process that trains here: see `lock`.
  var lockFile: String { file(".lock") }

  public var checkpoints: CheckpointStore { CheckpointStore(folder: checkpointsFolder) }

  /// A file of the given name in this folder.
  public func file(_ name: String) -> String { FilePath.join(path, name) }

  /// For example `images/samples-epoch-0010.pgm`.
  ///
  /// - Parameter extension: `pgm` (grey), `ppm` (colour) or `png`.
  public func imageFile(_ kind: String, epoch: Int, extension: String) -> String {
    FilePath.join(imagesFolder, "\(kind)-\(EpochName.text(epoch)).\(`extension`)")
  }

  /// `features/classifier-64.safetensors`: what evaluators fitted to the training images.
  public func featuresFile(_ name: String) -> String {
    FilePath.join(file("features"), "\(name).safetensors")
  }
  /// `samplers/gmm.safetensors`.
  public func samplerFile(_ name: String) -> String {
    FilePath.join(samplersFolder, "\(name).safetensors")
  }

  /// Makes `<root>/<name>/<UTC time>-<hash>`, with `-2`, `-3`, … after it if that is taken, so
  /// that two starts in one second never share a folder.
  ///
  /// - Parameters:
  ///   - name: the experiment's; see `FolderName`.
  ///   - hash: a few characters that tell this resolved experiment from others.
  public static func create(
    root: String, name: String, hash: String, now: Timestamp = .now
  ) throws(FileProblem) -> RunFolder {
    if let problem = FolderName.problem(with: name) {
      throw FileProblem(
        .malformed, "'\(name)' cannot name a run's folder: it \(problem); \(FolderName.rule).",
        path: root)
    }
    let parent = FilePath.join(root, name)
    let path = try ExclusiveFolder.make(FilePath.join(parent, "\(now.compact)-\(hash)"))
    return try RunFolder(path: path).withSubfolders()
  }

  /// This folder exactly, made if it is missing.
  ///
  /// - Throws: `taken` when it holds anything.
  public static func exact(_ path: String) throws(FileProblem) -> RunFolder {
    try ExclusiveFolder.makeAll(path)
    let folder = RunFolder(path: path)
    if FilePath.exists(folder.manifestFile) {
      throw FileProblem(
        .taken, "this folder already holds a run; resume it with --resume, or name another.",
        path: path)
    }
    // What a start leaves that was killed before it wrote run.json may stay.
    let ofStart = [".lock", "experiment.yaml", "resolved.yaml", "origins.json"]
    var others = try FilePath.names(in: path).filter { !ofStart.contains($0) }
    for name in ["checkpoints", "images"] where others.contains(name) {
      others += try FilePath.names(in: folder.file(name))
      others.removeAll { $0 == name }
    }
    guard others.allSatisfy(AtomicFile.isTemporary) else {
      throw FileProblem(
        .taken,
        "this folder holds other files or the remains of another run, and a run needs a folder "
          + "of its own: name another, or empty this one.", path: path)
    }
    return try folder.withSubfolders()
  }

  /// A run that exists. `path` may also name its `run.json`.
  ///
  /// - Throws: `missing`, or `malformed` when it is not a run folder (with the newest run below it,
  ///   if there is one, as a hint).
  public static func open(_ path: String) throws(FileProblem) -> RunFolder {
    if !path.isEmpty, !FilePath.exists(path) {
      throw FileProblem(.missing, "there is no such run folder.", path: path)
    }
    if FilePath.name(of: path) == "run.json" { return try open(FilePath.folder(of: path)) }
    let folder = RunFolder(path: path)
    if FilePath.isFolder(path), FilePath.exists(folder.manifestFile) { return folder }
    let newest = all(in: path).max { FilePath.name(of: $0.path) < FilePath.name(of: $1.path) }
    let hint = newest.map { " Did you mean \($0.path)?" } ?? ""
    throw FileProblem(
      .malformed, "this is not a run folder: it has no run.json." + hint, path: path)
  }

  /// The runs in a folder, in the folders in it, and in those in them, by path.
  public static func all(in root: String) -> [RunFolder] {
    runs(in: root, levels: 2)
  }

  private static func runs(in folder: String, levels: Int) -> [RunFolder] {
    let names = (try? FilePath.names(in: folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }.flatMap { name -> [RunFolder] in
      let run = RunFolder(path: FilePath.join(folder, name))
      if FilePath.exists(run.manifestFile) { return [run] }
      return levels > 0 && FilePath.isFolder(run.path) ? runs(in: run.path, levels: levels - 1) : []
    }
  }

  private func withSubfolders() throws(FileProblem) -> RunFolder {
    try ExclusiveFolder.makeAll(checkpointsFolder)
    try ExclusiveFolder.makeAll(imagesFolder)
    return self
  }
}

/// `epoch-0010`, and back.
enum EpochName {
  static func text(_ epoch: Int) -> String {
    let digits = String(epoch)
    return "epoch-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  static func epoch(_ name: String) -> Int? {
    guard name.hasPrefix("epoch-"), let epoch = Int(name.dropFirst(6)), text(epoch) == name else {
      return nil
    }
    return epoch
  }
}
