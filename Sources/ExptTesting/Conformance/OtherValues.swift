import ExptComponents

/// Legal values of a setting other than its default, found from its schema.
struct OtherValues {
  private let catalog: Catalog

  init(_ catalog: Catalog) { self.catalog = catalog }

  /// Several values to try, those that most probably have an effect first.
  func of(_ schema: PlainValue, than standard: PlainValue?) -> [PlainValue] {
    values(schema, near: standard).filter { $0 != standard }
  }

  private func values(_ schema: PlainValue, near standard: PlainValue?) -> [PlainValue] {
    if let choices = schema["enum"]?.elements { return choices }
    if let options = schema["anyOf"]?.elements {
      return options.flatMap { values($0, near: standard == .null ? nil : standard) }
    }
    if case .string(let reference) = schema["$ref"] { return components(reference) }
    guard case .string(let type) = schema["type"] else { return [] }
    switch type {
    case "boolean": return [.bool(true), .bool(false)]
    case "null": return [.null]
    case "integer": return integers(schema, near: standard)
    case "number": return numbers(schema, near: standard).map(PlainValue.double)
    case "array": return lists(schema, near: standard)
    case "object" where schema["additionalProperties"]?["type"] != nil:
      return shorter(standard)
    case "object": return mappings(schema)
    default: return []
    }
  }

  /// The components of a role, by name.
  private func components(_ reference: String) -> [PlainValue] {
    let role = reference.split(separator: "/").last.map(String.init) ?? ""
    return catalog.ids(role: role).map(PlainValue.string)
  }

  private func numbers(_ schema: PlainValue, near standard: PlainValue?) -> [Double] {
    let value = standard?.number ?? schema["minimum"]?.number ?? 1
    let bottom = (schema["minimum"] ?? schema["exclusiveMinimum"])?.number ?? 0
    let top = (schema["maximum"] ?? schema["exclusiveMaximum"])?.number ?? value + 20
    let candidates: [Double] = [
      value * 2, value / 2, value * 100, value + 1, value - 1, value + 0.25, 0.5, 1, 2, 1e-3, 100,
      bottom,
      (value + top) / 2,
    ]
    return candidates.filter { allows(schema, $0) }
  }

  private func integers(_ schema: PlainValue, near standard: PlainValue?) -> [PlainValue] {
    numbers(schema, near: standard).compactMap { Int64(exactly: $0.rounded()) }
      .filter { allows(schema, Double($0)) }.map(PlainValue.int)
  }

  private func allows(_ schema: PlainValue, _ number: Double) -> Bool {
    if let limit = schema["minimum"]?.number, number < limit { return false }
    if let limit = schema["exclusiveMinimum"]?.number, number <= limit { return false }
    if let limit = schema["maximum"]?.number, number > limit { return false }
    if let limit = schema["exclusiveMaximum"]?.number, number >= limit { return false }
    return true
  }

  /// The list with one entry more, one less, and one changed.
  private func lists(_ schema: PlainValue, near standard: PlainValue?) -> [PlainValue] {
    guard let items = schema["items"] else { return [] }
    let standard = standard?.elements ?? []
    let entries = values(items, near: standard.first)
    guard let entry = entries.first(where: { $0 != standard.first }) ?? entries.first else {
      return []
    }
    return [
      .list([entry] + standard.dropFirst()), .list(standard + [entry]),
      .list(Array(standard.dropLast())),
    ]
  }

  /// A mapping of the user's own keys, without the last of them.
  private func shorter(_ standard: PlainValue?) -> [PlainValue] {
    guard case .mapping(let entries) = standard, entries.count > 1 else { return [] }
    return [.mapping(Array(entries.dropLast()))]
  }

  /// Mappings with one setting other than its default.
  private func mappings(_ schema: PlainValue) -> [PlainValue] {
    guard case .mapping(let properties) = schema["properties"] else { return [] }
    return properties.flatMap { property in
      of(property.value, than: property.value["default"]).map {
        .mapping([PlainEntry(property.key, $0)])
      }
    }
  }
}

extension PlainValue {
  subscript(key: String) -> PlainValue? {
    guard case .mapping(let entries) = self else { return nil }
    return entries.first { $0.key == key }?.value
  }

  var elements: [PlainValue]? {
    if case .list(let elements) = self { elements } else { nil }
  }

  var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .float(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// A mapping with one entry set.
  func setting(_ key: String, _ value: PlainValue) -> PlainValue {
    guard case .mapping(let entries) = self else { return self }
    return .mapping(entries.filter { $0.key != key } + [PlainEntry(key, value)])
  }

  var withoutRemarks: PlainValue {
    switch self {
    case .list(let values): .list(values.map(\.withoutRemarks))
    case .mapping(let entries):
      .mapping(entries.map { PlainEntry($0.key, $0.value.withoutRemarks) })
    default: self
    }
  }
}
