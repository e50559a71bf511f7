import ExptRunFolder

/// The program's version, as in the changelog.
enum Version {
  static let text = "0.3.0"

  /// What `run.json` says.
  static var ofBuild: Manifest.Versions {
    Manifest.Versions(expt: text, swift: compiler)
  }

  private static var compiler: String {
    #if compiler(>=6.3)
      "6.3"
    #elseif compiler(>=6.2)
      "6.2"
    #else
      "6.1"
    #endif
  }
}
