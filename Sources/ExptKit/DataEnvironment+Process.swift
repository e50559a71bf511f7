import ExptComponents

extension DataEnvironment {
  /// What the process's environment says about data: `EXPT_DATA`, `EXPT_OFFLINE`, `EXPT_MIRROR`.
  static func ofProcess(quiet: Bool = false) -> DataEnvironment {
    DataEnvironment(
      dataFolder: Environment["EXPT_DATA"].flatMap { $0.isEmpty ? nil : $0 },
      allowsDownload: !["1", "true", "yes"].contains(Environment["EXPT_OFFLINE"] ?? ""),
      mirrors: (Environment["EXPT_MIRROR"] ?? "").split(separator: ",").map(String.init),
      isStopped: { StopSignal.isRaised },
      report: { sentence in if !quiet { Console.note(sentence) } })
  }
}
