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
  /// What looks wrong about the values, to warn about.
  public var warnings: [String] = []

  /// Loads the experiment's dataset, or its fallback if it is missing.
  ///
  /// - Throws: `DataProblem`, also where the data do not suit the model.
  public init(
    _ dataset: any Dataset, for parts: AutoencoderParts, _ environment: DataEnvironment
  ) throws(DataProblem) {
    do {
      try self.init(dataset, for: parts, isSubstituted: false, environment)
    } catch {
      guard error.kind == .missing, dataset.split.fallback != nil else { throw error }
      try self.init(dataset, for: parts, isSubstituted: true, environment)
      // Other sentences follow it.
      substitution = error.message.hasSuffix(".") ? String(error.message.dropLast()) : error.message
    }
  }

  /// Loads the experiment's dataset or its fallback, whichever a run was trained on, and never one
  /// for the other; without such a run, as above.
  ///
  /// - Throws: `DataProblem`.
  init(
    _ dataset: any Dataset, for parts: AutoencoderParts,
    asIn record: Manifest.DatasetRecord?, _ environment: DataEnvironment
  ) throws(DataProblem) {
    guard let record else {
      try self.init(dataset, for: parts, environment)
      return
    }
    try self.init(
      dataset, for: parts, isSubstituted: record.substitutedFor != nil, environment)
    substitution =
      record.substitutedFor == nil ? nil : record.substitutionReason ?? "it was missing"
  }

  private init(
    _ dataset: any Dataset, for parts: AutoencoderParts, isSubstituted: Bool,
    _ environment: DataEnvironment
  ) throws(DataProblem) {
    var split = dataset.split
    if isSubstituted {
      guard let fallback = dataset.split.fallback else {
        throw DataProblem(.malformed, "the dataset '\(type(of: dataset).id)' names no fallback")
      }
      split = Self.merged(dataset, fallback)
      self.dataset = fallback
    } else {
      self.dataset = dataset
    }
    let data = try self.dataset.load(environment).leavingOut(split.leaveOut)
    splits = try DataSplits(
      data, split, standardizes: self.dataset.standardizes, environment)
    notes = data.notes + splits.notes
    try measure(data, parts, environment)
  }

  /// Measures the images against what the model can be about. Data that an older version took are
  /// only warned about: their run continues as it began.
  private mutating func measure(
    _ data: LoadedData, _ parts: AutoencoderParts, _ environment: DataEnvironment
  ) throws(DataProblem) {
    var fit = DataFit(dataset, parts)
    let parts =
      dataset.standardizes || data.train.table != nil || splits.images.pixels.stored != nil
      ? [splits.images, splits.test] : [data.train, data.validation, data.test].compactMap(\.self)
    do throws(DataProblem) {
      for part in parts { try fit.measure(part) }
      if let train = parts.first { fit.look(at: train) }
    } catch {
      guard environment.edition == .first else { throw error }
      warnings.append(error.message)
    }
    warnings += fit.notes
  }

  /// The division asked for, with the fallback's own where it says so.
  static func merged(_ wanted: any Dataset, _ fallback: any Dataset) -> SplitSettings {
    var split = wanted.split
    if !fallback.split.validation.isZero { split.validation = fallback.split.validation }
    if let limit = fallback.split.limit { split.limit = limit }
    return split
  }
}
