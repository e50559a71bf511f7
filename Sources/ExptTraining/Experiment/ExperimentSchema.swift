public import ExptComponents
public import ExptFiles

/// The JSON Schema of experiment files.
public enum ExperimentSchema {
  /// The schema as JSON text, with every component of the catalog.
  public static func json(catalog: Catalog) -> String {
    var entries: [PlainEntry] = [
      PlainEntry("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
      PlainEntry("title", .string("expt experiment")),
    ]
    if case .mapping(let root) = Experiment.objectSchema() {
      entries += root.map { $0.key == "properties" ? withMore($0) : $0 }
    }
    var definitions = catalog.roles.map { PlainEntry($0.name, role($0, catalog)) }
    definitions += defaults(of: .mapping(entries + definitions), catalog)
    entries.append(PlainEntry("$defs", .mapping(definitions)))
    return JSONValue(.mapping(entries.filter { $0.key != "required" })).pretty
  }

  /// `extends` is read before settings are, and `expect` is no setting of the run.
  private static func withMore(_ properties: PlainEntry) -> PlainEntry {
    guard case .mapping(let settings) = properties.value else { return properties }
    let path = PlainValue.mapping([PlainEntry("type", .string("string"))])
    let list = PlainValue.mapping([
      PlainEntry("type", .string("array")), PlainEntry("items", path),
    ])
    let extends = PlainValue.mapping([
      PlainEntry("anyOf", .list([path, list])),
      PlainEntry("description", .string("Files whose settings this one inherits.")),
    ])
    let expect = PlainEntry("expect", Expectations.objectSchema())
    return PlainEntry(
      "properties", .mapping([PlainEntry("extends", extends)] + settings + [expect]))
  }

  /// The settings, which need no `type`, of the defaults of slots: `optimizer.adam`.
  private static func defaults(of schema: PlainValue, _ catalog: Catalog) -> [PlainEntry] {
    var names: [String] = []
    func collect(_ value: PlainValue) {
      switch value {
      case .list(let values): values.forEach(collect)
      case .mapping(let entries): entries.forEach { note($0) }
      default: break
      }
    }
    func note(_ entry: PlainEntry) {
      guard entry.key == "$ref", case .string(let reference) = entry.value else {
        return collect(entry.value)
      }
      let name = reference.split(separator: "/").last.map(String.init) ?? ""
      if name.contains("."), !names.contains(name) { names.append(name) }
    }
    collect(schema)
    return names.sorted().compactMap { name in
      let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
      return catalog.find(parts[1], role: parts[0]).map {
        PlainEntry(name, $0.objectSchema())
      }
    }
  }

  /// A component of a role: its name, its mapping, or a number where the role has a shorthand.
  private static func role(_ role: AnyRole, _ catalog: Catalog) -> PlainValue {
    let components = catalog.components(role: role.name)
    var choices: [PlainValue] = [
      .mapping([PlainEntry("enum", .list(components.map { .string($0.id) }))])
    ]
    if role.numberShorthand != nil {
      choices.append(.mapping([PlainEntry("type", .string("number"))]))
    }
    choices += components.map { $0.objectSchema(type: $0.id) }
    return .mapping([PlainEntry("anyOf", .list(choices))])
  }
}

extension JSONValue {
  /// A setting's value as JSON.
  public init(_ plain: PlainValue) {
    switch plain {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .int(let value): self.init(value)
    case .unsigned(let value): self.init(value)
    case .float(let value): self.init(value)
    case .double(let value): self.init(value)
    case .string(let value): self = .string(value)
    case .list(let values): self = .array(values.map { JSONValue($0) })
    case .mapping(let entries):
      var object = JSONObject()
      for entry in entries { object[entry.key] = JSONValue(entry.value) }
      self = .object(object)
    }
  }
}
