public import ExptComponents
public import ExptFiles

extension Encodings {
  /// The means as a NumPy array: `mean` `[count, n]`, or the numbers of codes, `codes`
  /// `[count, depth, height, width]`.
  public var meanArray: (name: String, array: NPYArray) {
    guard case .indices(let grid, _) = space else {
      return ("mean", NPYArray(shape: [count, latent], floats: mean))
    }
    let codes = space.choices(of: mean) ?? []
    return ("codes", NPYArray(shape: [count] + grid.dimensions, int64s: codes.map(Int64.init)))
  }

  /// The numbers that describe the posteriors besides their means, as NumPy arrays `[count, n]`.
  public var parameterArrays: [(name: String, array: NPYArray)] {
    parameters.map { name, values in
      (name, NPYArray(shape: [count, values.count / max(1, count)], floats: values))
    }
  }
}
