extension Settings {
  /// The JSON Schema of a mapping of these settings.
  ///
  /// - Parameter type: The id to be written under `type`, for a component.
  public static func objectSchema(type id: String? = nil) -> PlainValue {
    Self().objectSchema(type: id)
  }

  /// The same, with the values the settings have now for defaults.
  public func objectSchema(type id: String? = nil) -> PlainValue {
    let settings = settingDescriptions
    var properties = settings.map { setting in
      PlainEntry(setting.name, setting.schemaWithHelp)
    }
    var required = settings.filter { $0.defaultValue == nil }.map(\.name)
    if let id {
      properties.insert(PlainEntry("type", .mapping([PlainEntry("const", .string(id))])), at: 0)
      required.insert("type", at: 0)
    }
    var entries = [
      PlainEntry("type", .string("object")), PlainEntry("properties", .mapping(properties)),
      PlainEntry("additionalProperties", .bool(false)),
    ]
    if !required.isEmpty {
      entries.append(PlainEntry("required", .list(required.map(PlainValue.string))))
    }
    return .mapping(entries)
  }
}

extension SettingDescription {
  /// The schema with what an editor shows beside it.
  fileprivate var schemaWithHelp: PlainValue {
    guard case .mapping(var entries) = schema else { return schema }
    entries.append(PlainEntry("description", .string(help)))
    if let defaultValue { entries.append(PlainEntry("default", defaultValue)) }
    return .mapping(entries)
  }
}
