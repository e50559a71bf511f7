import ExptComponents
import ExptFiles
import ExptReport
import ExptRunFolder
import ExptSweep
import ExptTraining

/// The numbers that an experiment's finished runs came to.
struct MeasuredCheck {
  /// Of each seed.
  var values: [Double] = []
  /// Why there is none.
  var reason: String?

  var mean: Double? { values.isEmpty ? nil : Sample(values).mean }

  /// Of the mean over seeds; nil for one seed. (An evaluator's own error is that of other images, and what is
  /// expected is mostly of these.)
  var standardError: Double? {
    guard values.count > 1 else { return nil }
    return (Sample(values).variance / Double(values.count)).squareRoot()
  }
}

/// Measures a run as checks ask, its data loaded once.
struct RunMeasuring {
  private let folder: RunFolder
  private let threads: Int
  private var loaded: (run: TrainedRun, data: TrainedData)?

  init(_ folder: RunFolder, threads: Int) {
    (self.folder, self.threads) = (folder, threads)
  }

  /// The number that a check is about.
  ///
  /// - Throws: Why there is none.
  mutating func number(_ check: CheckSettings) throws -> Double {
    if let evaluator = check.evaluator { return try measured(evaluator, check) }
    let name = check.metric ?? ""
    let metrics = RunMetrics(RunRecord(folder))
    guard let values = metrics.table[name], let epochs = metrics.table["epoch"] else {
      throw EvaluationProblem("metrics.csv has no column '\(name)'")
    }
    guard let epoch = check.epoch.map(Double.init) ?? epochs.last,
      let row = epochs.firstIndex(of: epoch), values[row].isFinite
    else {
      throw EvaluationProblem("'\(name)' has no value in epoch \(check.epoch ?? epochs.count)")
    }
    return values[row]
  }

  /// What an evaluator finds of the last weights, or has found of them before.
  private mutating func measured(
    _ evaluator: any Evaluator, _ check: CheckSettings
  ) throws -> Double {
    let (run, data) = try open()
    let part = try data.part(check.split, limit: check.limit)
    let way = Evaluations.Way(
      evaluator: evaluator.id, settings: JSONValue(evaluator.plain), part: part.split.rawValue,
      images: part.count, checkpoint: run.weightsName,
      fingerprint: run.manifest.dataset.fingerprint)
    let known = try folder.readEvaluations().entries.last {
      $0.way == way && $0.step == run.position.step && $0.version == Version.text
    }
    let entry = try known ?? measured(evaluator, run, part)
    try part.images.checkRead()
    guard
      let number = check.number.map({ name in entry.numbers.first { $0.name == name } })
        ?? entry.numbers.first
    else {
      let names = entry.numbers.map(\.name).joined(separator: ", ")
      throw EvaluationProblem(
        "'\(evaluator.id)' finds no '\(check.number ?? "")'; it finds \(names)")
    }
    return number.value
  }

  private func measured(
    _ evaluator: any Evaluator, _ run: TrainedRun, _ part: TrainedData.Part
  ) throws -> Evaluations.Entry {
    let score = try evaluator.score(of: TrainedSubject(run, part))
    let entry = Evaluations.Entry(
      evaluator, score, part: part.split.rawValue, images: part.count,
      checkpoint: run.weightsName, fingerprint: run.manifest.dataset.fingerprint,
      epoch: run.position.epoch, step: run.position.step, version: Version.text)
    try folder.keep([entry])
    return entry
  }

  private mutating func open() throws -> (run: TrainedRun, data: TrainedData) {
    if let loaded { return loaded }
    let run = try TrainedRun.open(
      folder.path, checkpoint: .last, threads: threads, catalog: Expt.catalog)
    let data = try run.data(.ofProcess(quiet: true), warn: Console.warning)
    loaded = (run, data)
    return (run, data)
  }
}

extension Verification {
  /// Measures what has been trained.
  ///
  /// - Parameter states: Of the points of these experiments, in their order.
  init(
    _ experiments: [VerifiedExperiment], _ owners: [Int], _ states: [PointState],
    in folder: SweepFolder, threads: Int, report: (String) -> Void
  ) {
    let runs = experiments.indices.map { owner in
      zip(owners, states).filter { $0.0 == owner }.map(\.1)
    }
    var measured: [[String: MeasuredCheck]] = []
    for (experiment, states) in zip(experiments, runs) {
      var own: [String: MeasuredCheck] = [:]
      for state in states {
        var measuring = RunMeasuring(folder.run(state.point.name), threads: threads)
        for check in experiment.expectations.checks {
          guard state.stage == .finished else {
            own[check.key, default: MeasuredCheck()].reason =
              state.reason ?? "its run is not finished"
            continue
          }
          if check.value.evaluator != nil { report("measuring \(experiment.name): \(check.key)") }
          do {
            let number = try measuring.number(check.value)
            own[check.key, default: MeasuredCheck()].values.append(number)
          } catch {
            own[check.key, default: MeasuredCheck()].reason =
              CommandFailure(training: error).message
          }
        }
      }
      measured.append(own)
    }
    let names = experiments.map(\.name)
    func measurement(_ file: String, _ check: String) -> MeasuredCheck? {
      names.firstIndex(of: file).flatMap { measured[$0][check] }
    }
    self.init(
      zip(experiments, runs).map { experiment, states in
        let outcomes = experiment.expectations.checks.map { check in
          Outcome(
            check.key, check.value, measurement(experiment.name, check.key) ?? MeasuredCheck(),
            other: experiment.reference(of: check.value, named: check.key).map { reference in
              (
                reference.file == experiment.name ? reference.check : reference.file,
                measurement(reference.file, reference.check) ?? MeasuredCheck()
              )
            })
        }
        return Item(
          name: experiment.name, file: experiment.path,
          tier: experiment.expectations.tier.rawValue, claim: experiment.expectations.claim,
          runs: states.map { folder.run($0.point.name).path },
          seconds: states.compactMap(\.seconds).reduce(0, +), outcomes: outcomes)
      })
  }
}

extension Verification.Outcome {
  /// - Parameter other: The check that this one is held against, and its name.
  init(
    _ name: String, _ check: CheckSettings, _ measurement: MeasuredCheck,
    other: (name: String, measurement: MeasuredCheck)?
  ) {
    // A mean over some of the seeds would be another number.
    let value = measurement.reason == nil ? measurement.mean : nil
    let target = Self.target(check, other)
    let verdict: Verdict =
      switch (value, target.isMet) {
      case (nil, _): .notMeasured
      case (_, _) where check.certainty == .memory: .shown
      case (let value?, let isMet?): isMet(value) ? .reproduced : .notReproduced
      case (_, nil): .notMeasured
      }
    self.init(
      name: name, quantity: Self.quantity(check), measured: value,
      standardError: value == nil ? nil : measurement.standardError, expected: target.words,
      unit: check.unit, source: check.source, certainty: check.certainty.rawValue,
      verdict: verdict, reason: measurement.reason ?? target.problem)
  }

  private static func quantity(_ check: CheckSettings) -> String {
    if let metric = check.metric { return metric + (check.epoch.map { ", epoch \($0)" } ?? "") }
    let images = check.limit.map { "the first \($0) \(check.split.rawValue) images" }
    return (check.number ?? check.evaluator?.id ?? "") + " of "
      + (images ?? "the \(check.split.rawValue) images")
  }

  /// What a check asks for, in words and as a test.
  private static func target(
    _ check: CheckSettings, _ other: (name: String, measurement: MeasuredCheck)?
  ) -> (words: String, isMet: ((Double) -> Bool)?, problem: String?) {
    func text(_ value: Double) -> String { Words.significant(value, 5) }
    if let value = check.value, let tolerance = check.tolerance {
      let lead =
        switch check.certainty {
        case .read: "published"
        case .exact: "exactly"
        case .measured: "measured elsewhere"
        case .memory: "from memory"
        }
      return (
        "\(lead) \(text(value)) (± \(text(tolerance)))", { abs($0 - value) <= tolerance }, nil
      )
    }
    if let least = check.atLeast { return ("at least \(text(least))", { $0 >= least }, nil) }
    if let most = check.atMost { return ("at most \(text(most))", { $0 <= most }, nil) }
    let side = check.below != nil ? "below" : "above"
    guard let other, other.measurement.reason == nil, let bound = other.measurement.mean else {
      return (
        "\(side) \(other?.name ?? "another")", nil,
        other?.measurement.reason.map { "\(other?.name ?? ""): \($0)" }
          ?? "what it is held against was not measured"
      )
    }
    let error = other.measurement.standardError.map { " ± \(Words.significant($0, 2))" } ?? ""
    return (
      "\(side) \(other.name) (\(text(bound))\(error))",
      { check.below != nil ? $0 < bound : $0 > bound }, nil
    )
  }
}
