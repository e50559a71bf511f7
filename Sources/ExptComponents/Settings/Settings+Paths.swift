extension Settings {
  /// The paths among the settings and those of their groups, in the order of their declaration, with
  /// their names; those that are null are left out, and those of components in slots.
  public var writtenPaths: [(name: String, path: WrittenPath)] {
    fields.flatMap { name, field -> [(name: String, path: WrittenPath)] in
      switch field {
      case let setting as Setting<WrittenPath>: [(name, setting.wrappedValue)]
      case let setting as Setting<WrittenPath?>: setting.wrappedValue.map { [(name, $0)] } ?? []
      case let group as any SettingGroup: group.members.writtenPaths
      default: []
      }
    }
  }
}
