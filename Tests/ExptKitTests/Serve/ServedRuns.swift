import ExptTestSupport
import Foundation
import Testing

/// Small trained runs to serve, made once for all suites of this folder.
enum ServedRuns {
  static let experiment = """
    name: small
    dataset: { type: digits, train: 300, validation: 60, test: 60 }
    model: { type: vae, latent: 4, encoder: { type: mlp, hidden: [24] } }
    training: { epochs: 3, batch_size: 30 }
    """

  /// `runs/a`, `runs/b` (another β and seed) and `runs/codes` (a grid of codes).
  static func make(in folder: TemporaryFolder) throws -> String {
    let file = try folder.write(experiment, to: "small.yaml")
    try train(folder, file, "a", [])
    try train(folder, file, "b", ["model.beta=2", "seed=2"])
    let codes = try folder.write(
      """
      name: codes
      dataset: { type: digits, train: 120, validation: 40, test: 40 }
      model:
        type: vq_vae
        codebook: 8
        latent: 4
        encoder: { type: conv, channels: [4, 4], hidden: [] }
      training: { epochs: 1, batch_size: 40 }
      """, to: "codes.yaml")
    try train(folder, codes, "codes", [])
    return folder.file("runs")
  }

  private static func train(
    _ folder: TemporaryFolder, _ file: String, _ name: String, _ settings: [String]
  ) throws {
    let result = try Program.run(
      ["run", file, "--run-dir", folder.file("runs/\(name)"), "--quiet", "--threads", "1"]
        + settings)
    try #require(result.status == 0, "\(result.messages)")
  }
}

extension Served {
  /// The id of the run whose label ends so.
  func id(_ name: String) throws -> String {
    let rows = try get("/api/runs").json["rows"] as? [[String: Any]] ?? []
    let row = rows.first { ($0["label"] as? String)?.hasSuffix(name) == true }
    return try #require(row?["id"] as? String)
  }
}
