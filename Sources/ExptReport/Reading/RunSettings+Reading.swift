import ExptDocument
import ExptFiles
import ExptRunFolder

extension RunSettings {
  /// The settings of a run, as `resolved.yaml` has them, with their origins from `origins.json`.
  ///
  /// Where the two belong together, the values too are taken from `origins.json`: five thousand
  /// folders are listed in a blink only if each takes some 50 µs, and reading YAML takes five times
  /// that. Of a `resolved.yaml` that was edited since, a setting with another value has no origin.
  ///
  /// - Parameter recorded: `origins.json`; nil if there is none.
  /// - Throws: `missing`, `unreadable`, or `malformed` for what is no YAML.
  static func read(
    _ path: String, _ recorded: RecordedSettings?
  ) throws(FileProblem) -> RunSettings {
    let bytes = try FileBytes.read(path, limit: 1 << 20)
    let known = recorded.map { $0.settings.map { Setting($0) } } ?? []
    if let recorded, recorded.describes(bytes) { return RunSettings(known) }
    return try parse(bytes, path: path, origins: known)
  }

  /// The settings in any YAML, with the origins of those that have the same value in `known`.
  static func parse(
    _ bytes: [UInt8], path: String, origins known: [Setting] = []
  ) throws(FileProblem) -> RunSettings {
    do {
      let document = try Document.parse(bytes: bytes, file: path)
      let known = Dictionary(known.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
      var settings: [Setting] = []
      flatten(document.root, "") { key, value in
        let origin = known[key].flatMap { $0.value == value ? $0.origin : nil }
        settings.append(Setting(key, value, origin: origin))
      }
      return RunSettings(settings)
    } catch {
      let first = error.sorted.first
      throw FileProblem(
        .malformed,
        "this is not a resolved experiment: \(first?.message ?? "it is not valid YAML").",
        path: path)
    }
  }

  private static func flatten(
    _ node: Node, _ path: String, into collect: (String, RunValue) -> Void
  ) {
    switch node.value {
    case .mapping(let entries) where !entries.isEmpty:
      for entry in entries {
        flatten(entry.value, path.isEmpty ? entry.key : "\(path).\(entry.key)", into: collect)
      }
    case .sequence(let nodes) where nodes.contains { $0.entries != nil }:
      for (index, element) in nodes.enumerated() {
        flatten(element, "\(path)[\(index)]", into: collect)
      }
    default: collect(path, RunValue(node))
    }
  }
}

extension RunSettings.Setting {
  fileprivate init(_ recorded: RecordedSettings.Setting) {
    self.init(recorded.path, RunValue(recorded.value), origin: recorded.origin)
  }
}

extension RunValue {
  fileprivate init(_ json: JSONValue) {
    switch json {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .number(let number): self = .number(number.text) ?? .text(number.text)
    case .string(let text): self = .text(text)
    case .array(let values): self = .list(values.map { RunValue($0) })
    case .object: self = .text("{}")
    }
  }

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
