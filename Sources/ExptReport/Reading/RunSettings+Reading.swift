import ExptDocument
import ExptFiles

extension RunSettings {
  /// The settings in a run's `resolved.yaml`.
  ///
  /// - Throws: `missing`, `unreadable`, or `malformed` for what is no YAML.
  static func read(_ path: String) throws(FileProblem) -> RunSettings {
    let bytes = try FileBytes.read(path, limit: 1 << 20)
    if let settings = ResolvedReader.settings(bytes) { return RunSettings(settings) }
    return try parse(bytes, path: path)
  }

  /// The settings in any YAML, through libyaml; their origins are the places in this file.
  static func parse(_ bytes: [UInt8], path: String) throws(FileProblem) -> RunSettings {
    do {
      let document = try Document.parse(bytes: bytes, file: path)
      var settings: [Setting] = []
      flatten(document.root, "", into: &settings)
      return RunSettings(settings)
    } catch {
      let first = error.sorted.first
      throw FileProblem(
        .malformed,
        "this is not a resolved experiment: \(first?.message ?? "it is not valid YAML").",
        path: path)
    }
  }

  private static func flatten(_ node: Node, _ path: String, into settings: inout [Setting]) {
    switch node.value {
    case .mapping(let entries) where !entries.isEmpty:
      for entry in entries {
        flatten(entry.value, path.isEmpty ? entry.key : "\(path).\(entry.key)", into: &settings)
      }
    case .sequence(let nodes) where nodes.contains { $0.entries != nil }:
      for (index, element) in nodes.enumerated() {
        flatten(element, "\(path)[\(index)]", into: &settings)
      }
    default: settings.append(Setting(path, RunValue(node), origin: "\(node.origin)"))
    }
  }
}

extension RunValue {
  fileprivate init(_ node: Node) {
    switch node.value {
    case .mapping: self = .text("{}")
    case .sequence(let nodes): self = .list(nodes.map { RunValue($0) })
    case .scalar(let scalar):
      if scalar.isNull {
        self = .null
      } else if let bool = scalar.bool {
        self = .bool(bool)
      } else if let integer = scalar.int {
        self = .whole(integer)
      } else if let unsigned = scalar.unsigned {
        self = .whole(unsigned)
      } else if let number = scalar.double {
        self = .number(number)
      } else {
        self = .text(scalar.text)
      }
    }
  }
}
