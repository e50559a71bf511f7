import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Foundation

extension RunFolder {
  /// Makes this a folder as versions before 0.3.0 left it.
  func makeFormat1() throws {
    try FilePath.remove(originsFile)
    var manifest = try readManifest()
    manifest.versions.format = 1
    try write(manifest)
  }
}

/// Makes run folders without training, as a trainer would leave them.
struct RunMaker {
  var name = "vae"
  var seed: UInt64 = 1
  var settings: [(key: String, value: String)] = []
  var model = "vae"
  var likelihood = "bernoulli"
  var status = Manifest.Status.finished
  var fingerprint = "100×1×28×28-aa"
  var dataset = "digits"
  var substitutedFor: String?
  var created = Timestamp.now
  /// Validation losses, an epoch each; training losses are one nat lower.
  var losses: [Double] = [110, 100, 101]

  /// `resolved.yaml`: `key: value` lines of a flat experiment, nested by the dots.
  var resolved: String {
    var lines = ["# Every setting of this run."]
    lines += ["name: \(name)  # default", "seed: \(seed)  # --seed \(seed)"]
    var open: [String] = []
    for setting in settings {
      let parts = setting.key.split(separator: ".").map(String.init)
      let folders = parts.dropLast()
      var common = 0
      while common < min(open.count, folders.count), open[common] == folders[common] { common += 1 }
      for level in common..<max(common, folders.count) {
        lines.append(String(repeating: "  ", count: level) + folders[level] + ":")
      }
      open = Array(folders)
      let margin = String(repeating: "  ", count: folders.count)
      lines.append("\(margin)\(parts[parts.count - 1]): \(setting.value)  # a.yaml:1")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The same for `origins.json`.
  private var recordedSettings: [RecordedSettings.Setting] {
    func value(_ text: String) -> JSONValue {
      (try? JSONValue.parse(Array(text.utf8), path: "")) ?? .string(text)
    }
    let named: [RecordedSettings.Setting] = [
      .init("name", .string(name), origin: "default"),
      .init("seed", JSONValue(seed), origin: "--seed \(seed)"),
    ]
    return named + settings.map { .init($0.key, value($0.value), origin: "a.yaml:1") }
  }

  @discardableResult
  func make(_ path: String) throws -> String {
    let folder = try RunFolder.exact(path)
    var manifest = Manifest(
      status: status, name: name, seed: seed, versions: .init(expt: "1", swift: "6"), threads: 2,
      instructionSet: "avx2",
      dataset: .init(
        name: dataset, fingerprint: fingerprint, training: 80, validation: 20, test: nil,
        shape: [1, 28, 28], substitutedFor: substitutedFor), model: model, likelihood: likelihood,
      parameterCount: 10, created: created)
    let table = try MetricsWriter(
      folder.metricsFile, columns: ["epoch", "step", "train_loss", "validation_loss"])
    let timing = try MetricsWriter(
      folder.timingFile, columns: ["epoch", "train_seconds", "images_per_second"])
    for (row, loss) in losses.enumerated() {
      let epoch = row + 1
      try table.append([
        .integer(epoch), .integer(epoch * 10), .double(loss - 1), .double(loss),
      ])
      try timing.append([.integer(epoch), 0.5, 160])
      let record = Manifest.MetricsRecord(
        epoch: epoch, step: epoch * 10,
        values: [.init("train_loss", loss - 1), .init("validation_loss", loss)])
      manifest.lastMetrics = record
      if loss == losses[...row].min() { manifest.bestMetrics = record }
    }
    manifest.secondsTrained = Double(losses.count)
    try folder.write(resolved: resolved, recordedSettings)
    try AtomicFile.write("name: \(name)\n", to: folder.experimentFile)
    try folder.write(manifest)
    return path
  }
}
