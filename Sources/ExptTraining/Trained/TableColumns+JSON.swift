import ExptFiles
import ExptTensor

extension TableColumns {
  /// As `run.json` keeps it: what a row's values mean to a trained model.
  var json: JSONValue {
    let columns: [JSONValue] = columns.map { column in
      var fields: JSONObject = JSONObject()
      fields["name"] = .string(column.name)
      fields["kind"] = .string(column.kind.rawValue)
      if !column.levels.isEmpty { fields["levels"] = .array(column.levels.map { .string($0) }) }
      if column.kind == .numeric || column.kind == .count {
        fields["origin"] = JSONValue(column.origin)
        fields["mean"] = JSONValue(column.mean)
        fields["scale"] = JSONValue(column.scale)
        fields["decimals"] = column.decimals.map { JSONValue($0) } ?? .null
      }
      return .object(fields)
    }
    return [
      "window": JSONValue(window), "missing": .bool(hasMissing),
      "standardized": .bool(standardizes),
      "classes": .array(classes.map { .string($0) }), "columns": .array(columns),
    ]
  }

  /// Nil where it is not one.
  init?(_ json: JSONValue) {
    guard let window = json["window"]?.int, (1...65_536).contains(window),
      let written = json["columns"]?.array, !written.isEmpty
    else { return nil }
    var columns: [TableColumn] = []
    for entry in written {
      guard let column = TableColumn(entry) else { return nil }
      columns.append(column)
    }
    self.init(columns, window: window)
    hasMissing = json["missing"]?.bool ?? false
    standardizes = json["standardized"]?.bool ?? true
    classes = json["classes"]?.array?.compactMap(\.string) ?? []
  }
}

extension TableColumn {
  fileprivate init?(_ json: JSONValue) {
    guard let name = json["name"]?.string,
      let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:))
    else { return nil }
    self.init(name, kind, levels: json["levels"]?.array?.compactMap(\.string) ?? [])
    origin = json["origin"]?.double ?? 0
    mean = json["mean"]?.double ?? 0
    scale = json["scale"]?.double ?? 1
    decimals = json["decimals"]?.int
    guard origin.isFinite, mean.isFinite, scale > 0, scale.isFinite else { return nil }
  }
}
