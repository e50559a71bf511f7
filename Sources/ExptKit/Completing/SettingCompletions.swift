import ExptComponents
import ExptFiles
import ExptReport
import ExptTraining

/// Settings as a shell offers them behind `--set` or an experiment file.
struct SettingCompletions {
  private let line: CommandLineSoFar

  init(_ line: CommandLineSoFar) { self.line = line }

  /// `model.beta=` for each setting of the experiment on the line, or of any if there is none;
  /// behind the `=` of a component its names.
  var words: [String] {
    guard let equals = line.prefix.firstIndex(of: "=") else { return keys.map { $0 + "=" } }
    let key = String(line.prefix[..<equals])
    return choices(key).map { "\(key)=\($0)" }
  }

  private var keys: [String] {
    if let file = experiment {
      return Self.keys(file.experiment.plainEntries, "")
    }
    return Experiment.settingDescriptions.map(\.name)
      + TrainingSettings.settingDescriptions.map { "training.\($0.name)" }
      + OutputSettings.settingDescriptions.map { "outputs.\($0.name)" }
  }

  private var experiment: ExperimentFile? {
    let named = line.words.dropFirst().first {
      ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) && FilePath.exists($0)
    }
    let resumed = line.value(of: "--resume").flatMap {
      try? RunFinder(line.runsFolder).find($0).resolvedFile
    }
    return (named ?? resumed).flatMap {
      try? ExperimentFile.load(path: $0, overrides: [], catalog: Expt.catalog)
    }
  }

  private static func keys(_ entries: [PlainEntry], _ path: String) -> [String] {
    entries.flatMap { entry -> [String] in
      let key = path.isEmpty ? entry.key : "\(path).\(entry.key)"
      guard case .mapping(let inside) = entry.value else { return [key] }
      // A constant schedule is written as its number.
      if inside.first?.value == .string("constant") { return [key] }
      return keys(inside, key)
    }
  }

  /// The components of the role that a key is called after: `model.type`, `optimizer`.
  private func choices(_ key: String) -> [String] {
    let parts = key.split(separator: ".").map(String.init)
    guard let place = parts.last == "type" ? parts.dropLast().last : parts.last else { return [] }
    let role = ["encoder": "architecture", "decoder": "architecture"][place] ?? place
    guard Expt.catalog.roles.contains(where: { $0.name == role }) else { return [] }
    return Expt.catalog.ids(role: role)
  }
}
