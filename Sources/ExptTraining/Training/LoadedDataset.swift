public import ExptComponents
public import ExptData
import ExptRunFolder
import ExptTensor

/// An experiment's data in memory, divided, and what is to be said about where it came from.
public struct LoadedDataset {
  public var splits: DataSplits
  /// The dataset that was loaded: the experiment's own, or its fallback.
  public var dataset: any Dataset
  /// Why the fallback was loaded instead; nil if it was not.
  public var substitution: String?
  /// What is to be said about the data: `LoadedData.notes`.
  public var notes: [String]

  /// Loads the experiment's dataset, or its fallback where it is missing.
  ///
  /// - Throws: `DataProblem`.
  public init(_ dataset: any Dataset, _ environment: DataEnvironment) throws(DataProblem) {
    do { try self.init(dataset, isSubstituted: false, environment) } catch {
      guard error.kind == .missing, dataset.split.fallback != nil else { throw error }
      try self.init(dataset, isSubstituted: true, environment)
      substitution = error.message
    }
  }

  /// Loads the experiment's dataset or its fallback, whichever a run was trained on, and never one
  /// for the other; without such a run, as above.
  ///
  /// - Throws: `DataProblem`.
  init(
    _ dataset: any Dataset, asIn record: Manifest.DatasetRecord?, _ environment: DataEnvironment
  ) throws(DataProblem) {
    guard let record else {
      try self.init(dataset, environment)
      return
    }
    try self.init(dataset, isSubstituted: record.substitutedFor != nil, environment)
    substitution =
      record.substitutedFor == nil ? nil : record.substitutionReason ?? "it was missing"
  }

  private init(
    _ dataset: any Dataset, isSubstituted: Bool, _ environment: DataEnvironment
  ) throws(DataProblem) {
    guard isSubstituted else {
      let data = try dataset.load(environment)
      splits = try DataSplits(data, dataset.split)
      notes = data.notes
      self.dataset = dataset
      return
    }
    guard let fallback = dataset.split.fallback else {
      throw DataProblem(.malformed, "the dataset '\(type(of: dataset).id)' names no fallback")
    }
    let data = try fallback.load(environment)
    splits = try DataSplits(data, Self.merged(dataset, fallback))
    notes = data.notes
    self.dataset = fallback
  }

  /// The division asked for, with the fallback's own where it says so.
  static func merged(_ wanted: any Dataset, _ fallback: any Dataset) -> SplitSettings {
    var split = wanted.split
    if !fallback.split.validation.isZero { split.validation = fallback.split.validation }
    if let limit = fallback.split.limit { split.limit = limit }
    return split
  }
}
