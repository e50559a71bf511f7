import ExptComponents
import ExptDocument

extension ExperimentFile {
  /// A model that is fitted before the first step has nothing to gain from more than one epoch.
  var fittingWarnings: [Diagnostic] {
    let epochs = experiment.training.epochs
    guard experiment.model is any FittedModel, epochs > 1 else { return [] }
    return [
      warning(
        "'\(type(of: experiment.model).id)' is fitted before its first epoch, and the other "
          + "\(epochs - 1) would measure the same again",
        at: "training.epochs", help: "write 'epochs: 1'")
    ]
  }
}
