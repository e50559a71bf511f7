import ExptComponents
import ExptData
import ExptInference
import ExptTensor

/// An experiment's model, recorded once for a batch of training: what `expt check` reads sizes off, and
/// what training then runs. Nothing is allocated.
struct Recording {
  let experiment: Experiment
  let facts: DataFacts
  let step: StepGraph
  let parameters = ParameterSet()
  let late = LateData()

  /// - Parameters:
  ///   - training: How many images there are to train on; nil if only loading them tells.
  ///   - table: What the columns are, of a table that names them.
  ///   - judges: Whether epochs are judged by the loss at the schedules' targets.
  /// - Throws: `BuildProblem` if the model does not fit the data.
  init(
    _ experiment: Experiment, image: Shape, annotations: AnnotationFacts, training: Int? = nil,
    table: TableColumns? = nil, judges: Bool = true
  ) throws(BuildProblem) {
    self.experiment = experiment
    self.judges = judges
    var facts = DataFacts(
      image: image, classes: annotations.classes, factors: annotations.factors,
      examples: { [late] count in
        late.known?.examples(count) ?? Array(repeating: 0.5, count: count * image.count)
      },
      extent: { [late] in late.known?.extent() ?? 0...1 },
      pixelMean: { [late] in
        late.known?.pixelMean() ?? Array(repeating: 0.5, count: image.count)
      })
    facts.trainingCount = training
    facts.table = table
    self.facts = facts
    try Self.checkMissing(experiment.model, table)
    try experiment.model.check(batchSize: experiment.training.batchSize, of: facts)
    step = try StepGraph(
      experiment.model, data: facts, batch: experiment.training.batchSize, mode: .training,
      parameters: parameters, judges: judges, recomputes: experiment.training.recompute)
  }

  private let judges: Bool

  /// Cells that are missing in the data are left out by most models and likelihoods, and by no others.
  private static func checkMissing(
    _ model: any Model, _ table: TableColumns?
  ) throws(BuildProblem) {
    guard let table, table.hasMissing else { return }
    let remedy = "fill the empty cells of the file, or leave those rows out"
    guard model.takesMissing else {
      throw BuildProblem(
        "the table has missing cells, and '\(type(of: model).id)' learns from whole rows only",
        help: "use vae or iwae, or \(remedy)", at: ["type"])
    }
    let likelihood = model.parts.likelihood
    guard likelihood.following(table).takesMissing else {
      throw BuildProblem(
        "the table has missing cells, and '\(type(of: likelihood).id)' does not say what a single value is worth",
        help: "use mixed, or \(remedy)", at: ["likelihood"])
    }
  }

  /// The same for loaded data, whose shape and number are nearly always those that were announced.
  ///
  /// - Throws: `BuildProblem` if it is another, and the model does not fit it.
  func fitting(_ data: DataSplits) throws(BuildProblem) -> Recording {
    let annotations = AnnotationFacts(data.images)
    // Of classes that there are, some may have no image.
    let hasClasses = annotations.classes.map { $0 <= facts.classes ?? 0 } ?? (facts.classes == nil)
    if data.images.shape == facts.image, data.images.table == facts.table,
      data.train.count == facts.trainingCount,
      !experiment.model.needsAnnotations
        || (hasClasses && annotations.factors == facts.factors)
    {
      return self
    }
    return try Recording(
      experiment, image: data.images.shape, annotations: annotations,
      training: data.train.count, table: data.images.table, judges: judges)
  }

  /// The model with memory for its parameters.
  func network(pool: ThreadPool) -> Network {
    Network(
      experiment.model, facts: facts, recorded: step, parameters: parameters, judges: judges,
      pool: pool, seed: experiment.seed, regroup: experiment.parameterGroup)
  }
}
