import ExptDocument

/// A way of finding good points with fewer runs than there are points.
public enum Search: Sendable {
  case tpe(TPE)
  case asha(ASHA)

  static func reading(_ node: Node, _ reader: inout SweepReader) -> Search? {
    guard let type = node["type"] else {
      reader.error(.missingKey, "'search' needs 'type'", node, "write 'type: tpe' or 'type: asha'")
      return nil
    }
    switch reader.choice(Node.Entry(key: "type", value: type), of: ["tpe", "asha"]) {
    case "tpe": return tpe(node, &reader).map(Search.tpe)
    case "asha": return .asha(asha(node, &reader))
    default: return nil
    }
  }

  private static func tpe(_ node: Node, _ reader: inout SweepReader) -> TPE? {
    let keys = ["type", "trials", "seed", "startup", "candidates", "settings"]
    let entries = reader.mapping(
      node, "the search 'tpe'", keys: keys, required: ["trials", "settings"])
    guard let settings = entries["settings"] else { return nil }
    return TPE(
      trials: reader.integer(entries["trials"], in: 1...100_000, default: 1),
      seed: reader.seed(entries["seed"]) ?? 0,
      startup: reader.integer(entries["startup"], in: 1...100_000, default: 10),
      candidates: reader.integer(entries["candidates"], in: 1...10_000, default: 24),
      settings: Draws.Setting.reading(settings.value, &reader))
  }

  private static func asha(_ node: Node, _ reader: inout SweepReader) -> ASHA {
    let entries = reader.mapping(
      node, "the search 'asha'", keys: ["type", "first_epochs", "reduction"])
    return ASHA(
      firstEpochs: reader.integer(entries["first_epochs"], in: 1...1_000_000, default: 1),
      reduction: reader.integer(entries["reduction"], in: 2...100, default: 3))
  }
}
