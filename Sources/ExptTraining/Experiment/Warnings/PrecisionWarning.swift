import ExptDocument
import ExptTensor

extension ExperimentFile {
  /// The warning about a precision that is no faster here.
  var precisionWarnings: [Diagnostic] {
    let precision = experiment.training.precision
    guard precision != .float32, precision.isAvailable else { return [] }
    let speed = precision.speed
    if speed >= 1 { return [] }
    let share = Format.fixed(speed, 2)
    return [
      warning(
        "this processor multiplies \(precision.rawValue) at \(share) of float32's speed: "
          + "the run takes longer than with training.precision: float32",
        at: "training.precision")
    ]
  }
}
