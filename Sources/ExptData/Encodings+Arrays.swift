public import ExptComponents
public import ExptFiles

extension Encodings {
  /// The numbers that describe the posteriors besides their means, as NumPy arrays `[count, n]`.
  public var parameterArrays: [(name: String, array: NPYArray)] {
    parameters.map { name, values in
      (name, NPYArray(shape: [count, values.count / max(1, count)], floats: values))
    }
  }
}
