import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptReport
import ExptRunFolder
import ExptInference
import ExptTraining

/// Which weights and images were measured.
struct EvaluationHeading {
  var run: TrainedRun
  var split: Split
  /// Images.
  var count: Int

  /// - Parameter remark: What all numbers below have in common: `nats per image`.
  func text(_ remark: String? = nil) -> String {
    let data = run.manifest.dataset
    let name = data.substitutedFor.map { "\(data.name) (IN PLACE OF \($0))" } ?? data.name
    return "\(run.folder.path), \(run.checkpoint) (epoch \(run.position.epoch))\n"
      + "\(Format.grouped(Double(count))) \(split) images of \(name)"
      + (remark.map { ", \($0)" } ?? "")
  }

  var json: JSONObject {
    var object = JSONObject()
    object["run"] = .string(run.folder.path)
    object["checkpoint"] = .string(run.checkpoint.description)
    object["epoch"] = JSONValue(run.position.epoch)
    object["step"] = JSONValue(run.position.step)
    object["model"] = .string(run.manifest.model)
    object["likelihood"] = .string(run.manifest.likelihood)
    object["dataset"] = .string(run.manifest.dataset.name)
    object["substituted_for"] = run.manifest.dataset.substitutedFor.map { .string($0) } ?? .null
    object["split"] = .string(split.rawValue)
    object["images"] = JSONValue(count)
    return object
  }
}

/// A run's evaluation as a person and as a program reads it.
struct EvaluationReport {
  var heading: EvaluationHeading
  var evaluation: Evaluation

  private var measured: MeasuredLikelihood { evaluation.likelihood }
  private var isLoss: Bool { measured.measure == .loss }

  /// The NLL in bits per dimension, where that is one of 8-bit images.
  private var bits: Estimate? {
    guard let dimensions = measured.dimensions,
      let nll = evaluation.variational?.importanceWeightedNLL
    else { return nil }
    return Estimate(
      mean: bitsPerDimension(nll.mean, dimensions: dimensions),
      standardError: nll.standardError.map { bitsPerDimension($0, dimensions: dimensions) })
  }

  /// The same as the evaluator `elbo` says it; nil for a model without one.
  var score: ScoreReport.Entry? {
    var evaluator = ELBO()
    (evaluator.samples, evaluator.seed) = (evaluation.samples, evaluation.seed)
    return (try? evaluator.score(of: evaluation)).map { (evaluator, $0) }
  }

  // MARK: Text

  var text: String {
    var parts = [heading.text(isLoss ? nil : "nats per image"), terms.text]
    if let remark = measured.remark { parts.append(remark + ".") }
    if evaluation.variational != nil { parts += [units, dimensionTable] }
    return parts.joined(separator: "\n\n")
  }

  private var terms: TerminalTable {
    var table = TerminalTable(["", .number("mean"), .number("±")])
    func add(_ name: String, _ estimate: Estimate, decimals: Int = 2) {
      table.add([
        name, Format.fixed(estimate.mean, decimals),
        estimate.standardError.map { Format.fixed($0, decimals) } ?? "–",
      ])
    }
    guard let variational = evaluation.variational else {
      add("reconstruction", evaluation.reconstruction)
      return table
    }
    if !isLoss { add("ELBO", variational.elbo) }
    add("reconstruction", evaluation.reconstruction)
    add("KL", variational.kl)
    if isLoss { return table }
    add("importance-weighted NLL, k = \(evaluation.samples)", variational.importanceWeightedNLL)
    if let bits { add("the same in bits per dimension", bits, decimals: 4) }
    return table
  }

  private var units: String {
    let count = evaluation.dimensions.count
    let active =
      "\(evaluation.activeUnits) of \(count) latents are active (variance of the posterior mean over "
      + "\(LatentDimension.activeVariance))"
    // A KL that does not split says nothing of single latents.
    guard evaluation.dimensions.contains(where: { $0.kl != nil }) else { return active + "." }
    return active + ", \(evaluation.informativeUnits) informative (KL over "
      + "\(LatentDimension.informativeKL) nats)."
  }

  private var dimensionTable: String {
    var table = TerminalTable([.number("latent"), .number("KL"), .number("variance of mean")])
    for dimension in evaluation.dimensions.byImportance {
      table.add([
        dimension.unit.name, dimension.kl.map { Format.fixed($0, 3) } ?? "–",
        Format.fixed(dimension.variance, 3),
      ])
    }
    return table.text
  }

  // MARK: JSON

  var json: JSONValue {
    var fields = heading.json
    fields["measure"] = .string(measured.onImages.rawValue)
    fields["reconstruction"] = json(evaluation.reconstruction)
    guard let variational = evaluation.variational else { return .object(fields) }
    fields["samples"] = JSONValue(evaluation.samples)
    fields["seed"] = JSONValue(evaluation.seed)
    if !isLoss { fields["elbo"] = json(variational.elbo) }
    fields["kl"] = json(variational.kl)
    if !isLoss { fields["importance_weighted_nll"] = json(variational.importanceWeightedNLL) }
    if let bits { fields["bits_per_dimension"] = json(bits) }
    fields["active_units"] = JSONValue(evaluation.activeUnits)
    fields["informative_units"] = JSONValue(evaluation.informativeUnits)
    fields["kl_per_dimension"] = .array(
      evaluation.dimensions.map { $0.kl.map { JSONValue($0) } ?? .null })
    fields["mean_variance_per_dimension"] = .array(
      evaluation.dimensions.map { JSONValue($0.variance) })
    return .object(fields)
  }

  private func json(_ estimate: Estimate) -> JSONValue {
    [
      "mean": JSONValue(estimate.mean),
      "standard_error": estimate.standardError.map { JSONValue($0) } ?? .null,
    ]
  }
}

/// What evaluators found as a person and as a program reads it.
struct ScoreReport {
  typealias Entry = (evaluator: any Evaluator, score: Score)

  var heading: EvaluationHeading
  var scores: [Entry]

  var text: String {
    let sections = scores.map { evaluator, score in
      "\(evaluator.id) (\(direction(of: evaluator).rawValue) is better): \(score.method)\n"
        + Self.table(score).text
    }
    return ([heading.text()] + sections).joined(separator: "\n\n")
  }

  private static func table(_ score: Score) -> TerminalTable {
    var table = TerminalTable(["", .number("value"), .number("±"), ""])
    for number in score.numbers {
      let isWhole = number.value == number.value.rounded() && number.unit == nil
      let decimals = number.unit == nil ? 4 : 2
      table.add([
        number.name, Format.fixed(number.value, isWhole ? 0 : decimals),
        number.standardError.map { Format.fixed($0, decimals) } ?? "–", number.unit ?? "",
      ])
    }
    return table
  }

  private func direction(of evaluator: any Evaluator) -> Direction { type(of: evaluator).direction }

  var json: JSONValue {
    var fields = heading.json
    fields["scores"] = .array(
      scores.map { evaluator, score in
        [
          "evaluator": .string(evaluator.id), "settings": JSONValue(evaluator.plain),
          "direction": .string(direction(of: evaluator).rawValue),
          "method": .string(score.method), "numbers": .array(score.numbers.map(Self.json)),
        ]
      })
    return .object(fields)
  }

  private static func json(_ number: Score.Number) -> JSONValue {
    [
      "name": .string(number.name), "value": JSONValue(number.value),
      "standard_error": number.standardError.map { JSONValue($0) } ?? .null,
      "unit": number.unit.map { .string($0) } ?? .null,
    ]
  }
}
