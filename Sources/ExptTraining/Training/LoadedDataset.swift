public import ExptComponents
public import ExptData
import ExptTensor

/// An experiment's data in memory, divided, and what is to be said about where it came from.
public struct LoadedDataset {
  public var splits: DataSplits
  /// The dataset that was loaded: the experiment's own, or its fallback.
  public var dataset: any Dataset
  /// Why the fallback was loaded instead; nil if it was not.
  public var substitution: String?

  /// Loads the experiment's dataset, or its fallback where it cannot be had.
  ///
  /// - Throws: `DataProblem`.
  public init(_ dataset: any Dataset, _ environment: DataEnvironment) throws(DataProblem) {
    do {
      splits = try DataSplits(dataset.load(environment), dataset.split)
      self.dataset = dataset
    } catch {
      guard error.kind == .missing, let fallback = dataset.split.fallback else { throw error }
      splits = try DataSplits(fallback.load(environment), Self.merged(dataset, fallback))
      self.dataset = fallback
      substitution = error.message
    }
  }

  /// The division asked for, with the fallback's own where it says so.
  private static func merged(_ wanted: any Dataset, _ fallback: any Dataset) -> SplitSettings {
    var split = wanted.split
    if fallback.split.validation > 0 { split.validation = fallback.split.validation }
    if let limit = fallback.split.limit { split.limit = limit }
    return split
  }
}
