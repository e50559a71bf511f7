import ExptComponents
import ExptFiles
import ExptRunFolder

/// What evaluators fitted to a run's training images: `RUN/features/NAME.safetensors`.
///
/// Fitted anew it would be the same to the bit, so that a file that is missing, damaged or of other images costs time
/// and nothing else, and so does a folder that cannot be written.
struct KeptFits {
  let folder: RunFolder
  /// Of the run's data.
  let fingerprint: String

  private static let dataKey = "expt.data"
  private static let reachedKey = "expt.reached"

  func kept(
    _ name: String, fit: () throws(EvaluationProblem) -> FittedArrays
  ) throws(EvaluationProblem) -> FittedArrays {
    let path = folder.featuresFile(name)
    if let known = read(path) { return known }
    let fitted = try fit()
    try? write(fitted, to: path)
    return fitted
  }

  private func read(_ path: String) -> FittedArrays? {
    guard FilePath.exists(path), let file = try? Safetensors.read(path),
      file.metadata[Self.dataKey] == fingerprint
    else { return nil }
    let arrays = file.tensors.compactMap { tensor in
      tensor.floats.map { FittedArrays.Array(tensor.name, tensor.shape, $0) }
    }
    let reached = (file.metadata[Self.reachedKey] ?? "").split(separator: "\n").compactMap(measure)
    return arrays.count == file.tensors.count ? FittedArrays(arrays, reached: reached) : nil
  }

  private func write(_ fitted: FittedArrays, to path: String) throws(FileProblem) {
    var file = Safetensors(metadata: [Self.dataKey: fingerprint])
    file.metadata[Self.reachedKey] = fitted.reached
      .map { "\($0.name)\t\($0.value)\t\($0.unit)" }.joined(separator: "\n")
    for array in fitted.arrays { file.add(array.name, shape: array.shape, floats: array.values) }
    try ExclusiveFolder.makeAll(FilePath.folder(of: path))
    try file.sealed.write(to: path)
  }

  private func measure(_ line: Substring) -> FittedArrays.Measure? {
    let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, let value = Double(parts[1]) else { return nil }
    return FittedArrays.Measure(parts[0], value, parts[2])
  }
}
