import ExptComponents
import ExptDocument
import ExptFiles
import ExptSweep
import ExptTraining

/// An experiment with what is expected of it, and its runs.
struct VerifiedExperiment {
  /// The file without its folder and ending.
  let name: String
  let path: String
  let expectations: Expectations
  /// Its experiment once for each seed.
  let resolved: [(seed: UInt64?, experiment: ResolvedExperiment)]

  /// - Throws: Every mistake in the file, and if it expects nothing.
  init(_ path: String) throws {
    self.path = path
    name = Self.stem(path)
    let file = try ExperimentFile.load(path: path, overrides: [], catalog: Expt.catalog)
    guard let expectations = file.expectations else {
      throw CommandFailure(
        .data, "\(path) expects nothing: add 'expect:' with what its run should come to")
    }
    self.expectations = expectations
    let seeds: [UInt64?] = expectations.seeds.isEmpty ? [nil] : expectations.seeds
    let stem = name
    resolved = try seeds.map { seed in
      let overrides = try seed.map { [try Override(parsing: "seed=\($0)")] } ?? []
      let document = try Document.load(path: path, overrides: overrides)
      return (seed, try ExperimentFile.resolved(document, name: stem))
    }
  }

  /// The other check that one is held against, by file and name; nil for one with a value of its own.
  func reference(of check: CheckSettings, named name: String) -> (file: String, check: String)? {
    guard let text = check.below ?? check.above else { return nil }
    guard let dot = text.firstIndex(of: ".") else { return (text, name) }
    let file = text[..<dot]
    return (file.isEmpty ? self.name : String(file), String(text[text.index(after: dot)...]))
  }

  private static func stem(_ path: String) -> String {
    let last = FilePath.name(of: path)
    return last.lastIndex(of: ".").map { String(last[..<$0]) } ?? last
  }
}

extension [VerifiedExperiment] {
  /// Loads experiments, and those that their checks refer to.
  ///
  /// - Parameters:
  ///   - names: Files, or their names in the folder; none: all of the folder that are of the tier.
  ///   - folder: Where the experiments lie.
  /// - Throws: What is wrong with any of them, or with a reference.
  init(named names: [String], in folder: String, tier: Expectations.Tier) throws {
    self = []
    if names.isEmpty {
      let files = try FilePath.names(in: folder).filter { $0.hasSuffix(".yaml") }.sorted()
      for file in files {
        let experiment = try VerifiedExperiment(FilePath.join(folder, file))
        if experiment.expectations.tier == tier { append(experiment) }
      }
      guard !isEmpty else {
        throw CommandFailure(.noInput, "\(folder) holds no experiment of the tier \(tier.rawValue)")
      }
    }
    for name in names {
      let isPath = name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml")
      append(try VerifiedExperiment(isPath ? name : FilePath.join(folder, name + ".yaml")))
    }
    try addReferences(in: folder)
    for (place, experiment) in enumerated() {
      guard let other = self[..<place].first(where: { $0.name == experiment.name }) else {
        continue
      }
      throw CommandFailure(
        .usage, "\(other.path) and \(experiment.path) have the same name: name one of them")
    }
  }

  private mutating func addReferences(in folder: String) throws {
    var place = 0
    while place < count {
      let experiment = self[place]
      place += 1
      for check in experiment.expectations.checks {
        guard let other = experiment.reference(of: check.value, named: check.key) else { continue }
        if !contains(where: { $0.name == other.file }) {
          append(try VerifiedExperiment(FilePath.join(folder, other.file + ".yaml")))
        }
        let target = first { $0.name == other.file }
        guard target?.expectations.checks.contains(where: { $0.key == other.check }) == true else {
          throw CommandFailure(
            .data,
            "\(experiment.path): the check '\(check.key)' refers to '\(other.check)' of "
              + "\(other.file), which has no such check")
        }
      }
    }
  }

  /// A point for each experiment and seed, numbered from 1, and whose it is.
  var points: [(owner: Int, point: Point)] {
    var points: [(owner: Int, point: Point)] = []
    for (owner, experiment) in enumerated() {
      for (seed, resolved) in experiment.resolved {
        let settings = [("experiment", experiment.name)] + (seed.map { [("seed", "\($0)")] } ?? [])
        let assignments = settings.map { key, text in
          Assignment(key: key, value: Node(.scalar(Scalar(text)), origin: .defaultValue))
        }
        let point = Point(
          number: points.count + 1, assignments: assignments, resolved: resolved)
        points.append((owner, point))
      }
    }
    return points
  }
}
