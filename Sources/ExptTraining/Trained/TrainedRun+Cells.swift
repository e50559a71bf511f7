import ExptComponents

extension TrainedRun {
  /// The cells of the user's file that some examples come from, looked for where the run's own data were.
  ///
  /// - Throws: `DataProblem` where it cannot be read.
  public func cells(
    of images: ImageSet, from dataset: any TableDataset, _ environment: DataEnvironment
  ) throws(DataProblem) -> TableCells {
    try environment.recalling(manifest.dataset) { place throws(DataProblem) in
      try dataset.cells(of: images, place)
    }
  }
}
