public import ExptDocument
import ExptTensor

extension ExperimentFile {
  /// Checks that this machine can compute in the precision that the experiment asks for.
  ///
  /// - Throws: That it cannot, at the setting.
  public func checkPrecision() throws(Diagnostics) {
    let precision = experiment.training.precision
    if precision.isAvailable { return }
    throw Diagnostics(
      .error(
        .precision,
        "precision '\(precision.rawValue)' needs a processor with AVX-512 BF16, which this one is "
          + "not (or EXPT_ISA forbids it)",
        at: document.root["training"]?["precision"]?.span,
        help: "use float32, or a machine whose /proc/cpuinfo lists avx512_bf16"))
  }
}

extension Diagnostic.Code {
  /// The machine cannot compute in the precision asked for.
  public static let precision = Self("precision")
}
