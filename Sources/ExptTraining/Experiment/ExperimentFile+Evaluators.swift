import ExptComponents
import ExptDocument
import ExptTensor

extension ExperimentFile {
  /// What the evaluators of `outputs.evaluate` cannot do without, and this experiment does not have: known before
  /// it is trained. Where the images are not at hand, their labels and factors are not judged.
  ///
  /// - Throws: `Diagnostics`, at each evaluator that could not measure.
  func checkEvaluators(_ blueprint: Blueprint, _ environment: DataEnvironment) throws {
    let metrics = experiment.outputs.evaluate.metrics
    let needs = metrics.reduce(into: Set<EvaluationNeed>()) { $0.formUnion(type(of: $1).needs) }
    guard !needs.isEmpty else { return }
    let facts = try blueprint.evaluationFacts(
      of: experiment,
      needs.isDisjoint(with: [.labels, .factors])
        ? nil : try? experiment.dataset.annotationFactsOrFallback(environment))
    let written = document.root["outputs"]?["evaluate"]?["metrics"]
    let nodes = written?.elements ?? []
    var problems = Diagnostics()
    for (index, evaluator) in metrics.enumerated() {
      let lacks = EvaluationNeed.allCases.filter(type(of: evaluator).needs.contains)
        .compactMap { $0.lack(in: facts) }
      guard let lack = lacks.first else { continue }
      problems.append(
        .error(
          .doesNotFit, "the evaluator '\(evaluator.id)' needs \(lack)",
          at: (index < nodes.count ? nodes[index] : written)?.span,
          help: "leave it out of 'metrics'"))
    }
    try problems.throwErrors()
  }
}

extension Blueprint {
  /// - Parameter annotations: Nil where they are not known: then all is there.
  fileprivate func evaluationFacts(
    of experiment: Experiment, _ annotations: AnnotationFacts?
  ) throws(BuildProblem) -> EvaluationFacts {
    let model = experiment.model
    let graph = Graph(mode: .evaluation, parameters: recording.parameters)
    let scope = Scope(graph, data: recording.facts)
    let batch = Batch(1, in: scope)
    let posterior = try model.encode(batch, in: scope)
    let prior = try model.prior(for: batch, space: posterior.space, in: scope)
    let likelihood = model.parts.likelihood
    return EvaluationFacts(
      space: posterior.space, isGenerative: prior != nil, hasDictionary: model.dictionary != nil,
      likelihood: MeasuredLikelihood(likelihood.id, measure: likelihood.measure),
      hasLabels: annotations?.hasLabels ?? true,
      hasFactors: annotations.map { !$0.factors.isEmpty } ?? true)
  }
}
