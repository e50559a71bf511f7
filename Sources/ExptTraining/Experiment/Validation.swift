public import ExptComponents
public import ExptDocument
import ExptTensor

extension ExperimentFile {
  /// Checks all that can be known without data, and says what would run: what this accepts, a run
  /// starts. (The file's own mistakes were found when it was read.)
  ///
  /// - Throws: `Diagnostics` if this machine cannot compute so, if the model does not fit the
  ///   images, or where its batches are too small to be normalised; `DataProblem` where the images'
  ///   shape cannot be found out.
  public func validated(_ environment: DataEnvironment) throws -> Blueprint {
    try validated(environment, judges: true)
  }

  /// - Parameters:
  ///   - judges: Whether epochs are judged by the loss at the schedules' targets.
  ///   - isNew: Whether the run is yet to begin; else it continues as it began.
  func validated(
    _ environment: DataEnvironment, judges: Bool, isNew: Bool = true
  ) throws -> Blueprint {
    try checkPrecision()
    if isNew { try checkWarmups() }
    let blueprint = try building { () throws in
      try Blueprint(experiment, environment: environment, judges: judges)
    }
    try checkBatchNorms(blueprint)
    try checkGroups(blueprint)
    if isNew { try building { () throws in try checkEvaluators(blueprint, environment) } }
    return blueprint
  }

  private func checkPrecision() throws(Diagnostics) {
    let precision = experiment.training.precision
    if precision.isAvailable { return }
    throw Diagnostics(
      .error(
        .precision,
        "precision '\(precision.rawValue)' needs a processor with AVX-512 BF16, which this one does "
          + "not have (or EXPT_ISA forbids it)",
        at: document.root["training"]?["precision"]?.span,
        help: "use float32, or a machine whose /proc/cpuinfo lists avx512_bf16"))
  }

  /// A learning rate that never reaches its value is not what was asked for.
  private func checkWarmups() throws(Diagnostics) {
    let epochs = experiment.training.epochs
    let written = document.root["parameter_groups"]
    let optimizers =
      [(experiment.optimizer.step, document.root["optimizer"])]
      + experiment.parameterGroups.map { ($0.value.optimizer.step, written?[$0.key]?["optimizer"]) }
    var problems = Diagnostics()
    for (step, node) in optimizers where Double(step.warmupEpochs) > Double(epochs) {
      let reached = step.learningRate * Double(epochs) / Double(step.warmupEpochs)
      problems.append(
        .error(
          .doesNotFit,
          "the warm-up of the learning rate is longer than the run: in "
            + "\(Format.count(epochs, "epoch")) it only reaches \(Format.significant(reached)), not "
            + Format.significant(step.learningRate),
          at: (node?["warmup_epochs"] ?? node)?.span,
          help: "set it to at most \(epochs), or train for longer"))
    }
    try problems.throwErrors()
  }

  /// A name that no parameter begins with would leave its optimizer without effect.
  private func checkGroups(_ blueprint: Blueprint) throws(Diagnostics) {
    let specs = blueprint.recording.parameters.specs.filter { !$0.isState }
    let used = Set(specs.compactMap(experiment.parameterGroup))
    var parts: [String] = []
    for spec in specs where spec.group.isEmpty {
      let part = String(spec.name.prefix { $0 != "." })
      if !parts.contains(part) { parts.append(part) }
    }
    var problems = Diagnostics()
    for entry in experiment.parameterGroups where !used.contains(entry.key) {
      problems.append(
        .error(
          .doesNotFit, "no parameter's name starts with \(Diagnostic.quote(entry.key))",
          at: entry.keySpan,
          help: closestMatch(to: entry.key, among: parts).map { "did you mean '\($0)'?" }
            ?? "available: \(parts.joined(separator: ", "))"))
    }
    try problems.throwErrors()
  }

  private func checkBatchNorms(_ blueprint: Blueprint) throws(Diagnostics) {
    guard let place = blueprint.loneBatchNorms.first else { return }
    let written = document.root["training"]
    throw Diagnostics(
      .error(
        .doesNotFit,
        "batch normalisation cannot normalise a batch of one image: at '\(place)' each channel has "
          + "one value",
        at: (written?["batch_size"] ?? written)?.span,
        help: "use a batch_size of at least 2, or layer_norm"))
  }
}

extension Diagnostic.Code {
  /// The machine cannot compute in the precision asked for.
  public static let precision = Self("precision")
}
