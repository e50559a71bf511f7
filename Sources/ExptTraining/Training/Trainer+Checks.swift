import ExptComponents
import ExptFiles
import ExptInference
import ExptTensor

extension Trainer {
  /// One batch forward and backward before training begins: the loss and every gradient must be
  /// finite. (That the reconstruction keeps the images' shape was checked as the graph was
  /// recorded.) Leaves parameters and state as they were.
  ///
  /// - Throws: `TrainingFailure` naming the first layer where something is not finite.
  public func checkFirstBatch() throws {
    let saved = network.store.specs.map { spec in
      network.store[spec.name].map { Array($0.values) } ?? []
    }
    defer {
      for (spec, values) in zip(network.store.specs, saved) {
        _ = network.store[spec.name]?.values.update(fromContentsOf: values)
      }
    }
    let plan = prepareFirstBatch()
    plan.plan.forward()
    try checkFinite(plan, batch: 0)
    plan.plan.backward()
    for spec in network.store.specs where !spec.isState {
      guard let gradient = network.store.gradient(of: spec.name) else { continue }
      if gradient.values.contains(where: { !$0.isFinite }) {
        throw TrainingFailure(
          "the gradient of \(spec.name) is not finite at the first batch, before any training: "
            + "lower the initial scale of the layers around it, or check the likelihood's scale")
      }
    }
  }

  private func prepareFirstBatch() -> StepPlan {
    batches.start(epoch: 0)
    let plan = network.step(batch: batches.size(ofBatch: 0), mode: .training)
    batches.fill(plan.images, plan.inputs, with: 0, pool: network.run.pool)
    plan.setScalars(progress)
    network.run.position = 0
    return plan
  }

  /// - Throws: `TrainingFailure` saying where the loss stopped being a number.
  func checkFinite(_ plan: StepPlan, batch: Int) throws {
    guard !plan.value(0).isFinite else { return }
    let place = "epoch \(position.epoch + 1), batch \(batch + 1) of \(batchesPerEpoch)"
    throw TrainingFailure(
      "the loss became \(CSV.field(plan.value(0))) in \(place): \(firstCulprit(plan)). "
        + "The last checkpoint is untouched. "
        + "Try a lower learning rate, optimizer.clip_norm or skip_norm, or a larger likelihood "
        + "scale")
  }

  /// The first thing that is not finite: an image, a parameter, or a layer's output.
  private func firstCulprit(_ plan: StepPlan) -> String {
    if plan.images.contains(where: { !$0.isFinite }) { return "the images hold NaN or infinity" }
    for spec in network.store.specs {
      guard let values = network.store[spec.name]?.values else { continue }
      if values.contains(where: { !$0.isFinite }) {
        return "\(spec.name) has not been finite since the step before"
      }
    }
    var culprit: String?
    plan.plan.observer = { event in
      guard culprit == nil, event.output.values.contains(where: { !$0.isFinite }) else { return }
      culprit =
        "first in " + (event.path.isEmpty ? "the loss" : event.path) + " (\(event.name))"
    }
    plan.plan.forward()
    plan.plan.observer = nil
    return culprit ?? "in the loss"
  }
}
