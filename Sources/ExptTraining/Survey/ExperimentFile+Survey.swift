public import ExptComponents
import ExptData

extension ExperimentFile {
  /// Looks at the experiment's data, as far as they are at hand, and at whether they suit the model.
  ///
  /// - Parameter environment: Its `sample` is how many images of each part are enough where a dataset
  ///   can give fewer than it has; nil: `DataSurvey.sample`.
  /// - Throws: What a run would be stopped by: `DataProblem`, or `Diagnostics` where a setting is to
  ///   blame.
  public func survey(_ environment: DataEnvironment) throws -> DataSurvey {
    var environment = environment
    environment.seed = experiment.seed
    environment.allowsDownload = false
    environment.sample = environment.sample ?? DataSurvey.sample
    return try building { () throws in
      let dataset = experiment.dataset
      do throws(DataProblem) {
        return try survey(dataset, dataset.split, environment)
      } catch {
        guard error.kind == .missing, let fallback = dataset.split.fallback else {
          return try unseen(dataset, error, environment)
        }
        var survey = try survey(
          fallback, LoadedDataset.merged(dataset, fallback), environment)
        survey.absence = error.absence ?? .init(error.message, sources: [])
        return survey
      }
    }
  }

  /// What is known of files that a run would fetch.
  private func unseen(
    _ dataset: any Dataset, _ problem: DataProblem, _ environment: DataEnvironment
  ) throws(DataProblem) -> DataSurvey {
    guard problem.kind == .missing, let absence = problem.absence else { throw problem }
    return DataSurvey(
      dataset: dataset, absence: absence, image: try dataset.imageShape(environment),
      parts: try DataSurvey.counted(dataset, dataset.split, environment))
  }

  private func survey(
    _ dataset: any Dataset, _ split: SplitSettings, _ environment: DataEnvironment
  ) throws(DataProblem) -> DataSurvey {
    let image = try dataset.imageShape(environment)
    let counts = try dataset.counts(environment)
    let counted = try DataSurvey.counted(dataset, split, environment)
    let images = counts.map { $0.train + ($0.validation ?? 0) + $0.test }
    if let images, Double(images) * Double(image.count) > Double(DataSurvey.mostValues),
      !dataset.givesSamples
    {
      return DataSurvey(
        dataset: dataset, image: image, parts: counted,
        blindness: "\(Format.grouped(Double(images) * Double(image.count))) numbers are more than "
          + "the \(Format.grouped(Double(DataSurvey.mostValues))) that are looked at here")
    }
    let loaded = try dataset.load(environment)
    let isSample = images.map { loaded.count < $0 } ?? false
    let data = try loaded.leavingOut(split.leaveOut)
    let splits = try DataSplits(
      data, isSample ? SplitSettings() : split, standardizes: dataset.standardizes)
    var survey = DataSurvey(dataset: dataset, image: data.train.shape, parts: [])
    var search = RepeatSearch()
    for part in Self.parts(data, splits) {
      survey.parts.append(DataSurvey.Part(part, &search))
    }
    if isSample, let counts { survey.count(counts, counted) }
    survey.isTable = data.train.isTable
    survey.columns = ColumnSummary.all(of: data.train, splits.train)
    // Values of all columns together would mix their units.
    if !survey.columns.isEmpty {
      for place in survey.parts.indices { survey.parts[place].values = nil }
    }
    survey.notes = data.notes + splits.notes
    try judge(data, splits, dataset, &survey)
    return survey
  }

  /// The parts with their values as they were loaded, all bytes or all floats, so that they compare.
  private static func parts(_ data: LoadedData, _ splits: DataSplits) -> [RepeatSearch.Part] {
    let validation = data.validation.map { ($0, 0..<$0.count) } ?? (data.train, splits.validation)
    let parts = [
      ("training", data.train, splits.train), ("validation", validation.0, validation.1),
      ("test", data.test, 0..<data.test.count),
    ].filter { !$0.2.isEmpty }
    let looked = parts.map { title, images, numbers in
      let (seen, places) = images.inMemory(numbers)
      return RepeatSearch.Part(title: title, images: seen, numbers: places, whole: numbers.count)
    }
    guard Set(looked.map(\.images.pixels.areBytes)).count > 1 else { return looked }
    return looked.map { part in
      var part = part
      part.images.pixels = .floats(part.images.pixels.floats)
      return part
    }
  }

  /// What the likelihood makes of the values that it will be given.
  private func judge(
    _ data: LoadedData, _ splits: DataSplits, _ dataset: any Dataset, _ survey: inout DataSurvey
  ) throws(DataProblem) {
    let likelihood = experiment.model.parts.likelihood
    var fit = DataFit(dataset, experiment.model.parts)
    let given =
      dataset.standardizes
      ? [splits.images, splits.test] : [data.train, data.validation, data.test].compactMap(\.self)
    for images in given { try fit.measure(images) }
    if let train = given.first { fit.look(at: train) }
    survey.notes += fit.notes
    survey.likelihood = fit.statements(about: splits.images)
    if dataset.split.binarization == .none,
      let concern = likelihood.concern(about: splits.statistics)
    {
      survey.likelihood.append(concern)
    }
  }
}

extension LoadedData {
  fileprivate var count: Int { train.count + (validation?.count ?? 0) + test.count }
}

extension ImageSet {
  /// Some images with their values in memory: of those that are read as they are needed, at most
  /// `DataSurvey.sample`, spread over them.
  fileprivate func inMemory(_ numbers: Range<Int>) -> (images: ImageSet, numbers: Range<Int>) {
    guard let stored = pixels.stored else { return (self, numbers) }
    var environment = DataEnvironment()
    environment.sample = DataSurvey.sample
    let chosen = environment.sampled(numbers.count).map { numbers.lowerBound + $0 }
    var images = selecting(chosen[...])
    images.pixels = .floats(chosen.flatMap { stored.floats($0..<$0 + 1) })
    return (images, 0..<chosen.count)
  }
}

extension ImageSet.Pixels {
  fileprivate var areBytes: Bool { if case .bytes = self { true } else { false } }
}

extension DataSplits {
  /// The training pixels as they are.
  fileprivate var statistics: PixelStatistics {
    let spread = images.spread(in: train)
    return PixelStatistics(
      mean: images.meanImage(in: train), greyShare: images.greyShare(in: train),
      variance: spread?.variance, zeroShare: spread?.zeroShare)
  }
}
