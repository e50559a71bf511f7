import ExptComponents
import ExptFiles

extension NPYArray {
  /// Ground-truth factors of images, [n] or [n, factors], by name.
  ///
  /// - Parameters:
  ///   - names: Those of the factors; empty: `factor_0`, ….
  ///   - title: What messages call the array: its path and name.
  /// - Throws: `malformed` if it holds something else.
  func factors(
    of count: Int, names: [String], title: String
  ) throws(DataProblem) -> [(name: String, values: [Float])] {
    guard [1, 2].contains(shape.count), shape[0] == count, (shape.last ?? 0) > 0 else {
      throw DataProblem(
        .malformed,
        "\(title): its shape \(shape) is not [\(count)] or [\(count), factors], which factors of \(count) "
          + "images have", setting: "factors")
    }
    let width = shape.count == 1 ? 1 : shape[1]
    let names = names.isEmpty ? (0..<width).map { "factor_\($0)" } : names
    guard names.count == width else {
      throw DataProblem(
        .malformed, "\(title): holds \(width) factors, and 'factor_names' names \(names.count)",
        setting: "factor_names")
    }
    let values = floats
    if let place = values.firstIndex(where: { !$0.isFinite }) {
      throw DataProblem(
        .malformed, "\(title): row \(place / width) holds \(values[place]), which is no factor",
        setting: "factors")
    }
    return names.enumerated().map { column, name in
      (name, stride(from: column, to: values.count, by: width).map { values[$0] })
    }
  }
}

/// Checks a list of factors' names.
func checkFactorNames(_ names: [String], _ report: SettingsReport) {
  if Set(names).count < names.count || names.contains("") {
    report.error(
      "'factor_names' must be names, each once", at: "factor_names",
      help: "write them in the order of the array's columns")
  }
}
