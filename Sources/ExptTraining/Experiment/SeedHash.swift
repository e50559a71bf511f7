import ExptFiles

/// The hash of one experiment with any seed, without reading it again for each: sweeps of many
/// thousand seeds need no more.
public struct SeedHash: Sendable {
  private let before: [UInt8]
  private let after: [UInt8]

  /// Nil if the settings have no seed that stands on a line of its own.
  public init?(_ file: ExperimentFile) {
    let seed = "seed: \(file.experiment.seed)"
    var lines = file.bare.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // Everything below the top is indented, and texts stand on one line.
    guard let place = lines.firstIndex(of: seed) else { return nil }
    before = Array((lines[..<place].map { $0 + "\n" }.joined() + "seed: ").utf8)
    lines.removeSubrange(...place)
    after = Array(("\n" + lines.joined(separator: "\n")).utf8)
  }

  /// What `ExperimentFile.hash` would be.
  public func hash(of seed: UInt64) -> String {
    SHA256.hex(of: before + Array(String(seed).utf8) + after)
  }
}
