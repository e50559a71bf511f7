import ExptComponents
import ExptFiles
import ExptReport
import ExptRunFolder
import ExptInference
import ExptTraining

/// A run's evaluation as a person and as a program reads it.
struct EvaluationReport {
  var run: TrainedRun
  var split: Split
  var evaluation: Evaluation

  // MARK: Text

  var text: String {
    var parts = [title, terms.text]
    if evaluation.variational != nil { parts += [units, dimensionTable] }
    return parts.joined(separator: "\n\n")
  }

  private var title: String {
    let data = run.manifest.dataset
    let name = data.substitutedFor.map { "\(data.name) (IN PLACE OF \($0))" } ?? data.name
    return "\(run.folder.path), \(run.checkpoint) (epoch \(run.position.epoch))\n"
      + "\(Format.grouped(Double(evaluation.count))) \(split) images of \(name), nats per image"
  }

  private var terms: TerminalTable {
    var table = TerminalTable(["", .number("mean"), .number("±")])
    func add(_ name: String, _ estimate: Estimate) {
      table.add([
        name, Format.fixed(estimate.mean, 2),
        estimate.standardError.map { Format.fixed($0, 2) } ?? "–",
      ])
    }
    guard let variational = evaluation.variational else {
      add("reconstruction", evaluation.reconstruction)
      return table
    }
    add("ELBO", variational.elbo)
    add("reconstruction", evaluation.reconstruction)
    add("KL", variational.kl)
    add("importance-weighted NLL, k = \(evaluation.samples)", variational.importanceWeightedNLL)
    return table
  }

  private var units: String {
    let count = evaluation.dimensions.count
    return """
      \(evaluation.activeUnits) of \(count) latents are active (variance of the posterior mean over \
      \(LatentDimension.activeVariance)), \(evaluation.informativeUnits) informative (KL over \
      \(LatentDimension.informativeKL) nats).
      """
  }

  private var dimensionTable: String {
    var table = TerminalTable([.number("latent"), .number("KL"), .number("variance of mean")])
    for dimension in evaluation.dimensions.byImportance {
      table.add([
        "\(dimension.number)", Format.fixed(dimension.kl ?? 0, 3),
        Format.fixed(dimension.variance, 3),
      ])
    }
    return table.text
  }

  // MARK: JSON

  var json: JSONValue {
    let object: JSONValue = [
      "run": .string(run.folder.path),
      "checkpoint": .string(run.checkpoint.description),
      "epoch": JSONValue(run.position.epoch),
      "step": JSONValue(run.position.step),
      "model": .string(run.manifest.model),
      "likelihood": .string(run.manifest.likelihood),
      "dataset": .string(run.manifest.dataset.name),
      "substituted_for": run.manifest.dataset.substitutedFor.map { .string($0) } ?? .null,
      "split": .string(split.rawValue),
      "images": JSONValue(evaluation.count),
      "reconstruction": json(evaluation.reconstruction),
    ]
    guard let variational = evaluation.variational, var fields = object.object else {
      return object
    }
    fields["samples"] = JSONValue(evaluation.samples)
    fields["seed"] = JSONValue(evaluation.seed)
    fields["elbo"] = json(variational.elbo)
    fields["kl"] = json(variational.kl)
    fields["importance_weighted_nll"] = json(variational.importanceWeightedNLL)
    fields["active_units"] = JSONValue(evaluation.activeUnits)
    fields["informative_units"] = JSONValue(evaluation.informativeUnits)
    fields["kl_per_dimension"] = .array(evaluation.dimensions.map { JSONValue($0.kl ?? 0) })
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
