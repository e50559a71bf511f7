import ExptComponents

extension DataEnvironment {
  /// What the process's environment says about data: `EXPT_DATA`, `EXPT_OFFLINE`, `EXPT_MIRROR`, and
  /// where the user's cache is.
  static func ofProcess(quiet: Bool = false) -> DataEnvironment {
    var environment = DataEnvironment(
      dataFolder: Environment["EXPT_DATA"].flatMap { $0.isEmpty ? nil : $0 },
      allowsDownload: !["1", "true", "yes"].contains(Environment["EXPT_OFFLINE"] ?? ""),
      mirrors: (Environment["EXPT_MIRROR"] ?? "").split(separator: ",").map(String.init),
      isStopped: { StopSignal.isRaised },
      report: { sentence in if !quiet { Console.note(sentence) } })
    environment.progress = { if !quiet { $0.draw() } }
    environment.cacheFolder = cache
    return environment
  }

  /// `$XDG_CACHE_HOME/expt`, else `~/.cache/expt`; nil without a home. A relative path is not valid there.
  ///
  /// Source: XDG Base Directory Specification 0.8.
  private static var cache: String? {
    if let cache = Environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return cache + "/expt" }
    guard let home = Environment["HOME"], home.hasPrefix("/") else { return nil }
    return home + "/.cache/expt"
  }
}
