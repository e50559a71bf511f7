public import ExptDocument

/// A setting that takes any text, so that a word for nothing would be taken for a name.
public protocol FreeText: SettingValue {}

extension String: FreeText {}
extension WrittenPath: FreeText {}

extension Node {
  /// Whether it is a word that other languages use for nothing, without quotes, or an empty text.
  public var isMeantAsNull: Bool {
    guard let scalar else { return false }
    return scalar.text.isEmpty
      || (!scalar.isQuoted && ["none", "nil", "undefined"].contains(scalar.text.lowercased()))
  }

  /// What to write instead; nil for any other value.
  public var nullHelp: String? {
    guard isMeantAsNull else { return nil }
    return scalar?.text.isEmpty == true
      ? "write null for none"
      : "write null for none, or '\(scalar?.text ?? "")' in quotes for a name"
  }
}
