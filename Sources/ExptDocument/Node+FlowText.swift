extension Node {
  /// The value on one line of YAML, in flow form, that reads back as the same value: texts are
  /// quoted where they must be, all else stands as it was written.
  ///
  ///     {type: gaussian, scale: 0.1}
  public var flowText: String { flowText { $0.text } }

  /// The same with numbers in their shortest form, so that `1`, `1.0` and `0x1` are one text.
  public var shortFlowText: String { flowText { $0.shortText } }

  private func flowText(_ plain: (Scalar) -> String) -> String {
    switch value {
    case .scalar(let scalar):
      if scalar.isNull { return "null" }
      let isText =
        scalar.kind == .text && !Self.textsOfCoreSchema.contains(scalar.text.lowercased())
      return isText ? YAMLText.text(scalar.text) : plain(scalar)
    case .sequence(let elements):
      return "[\(elements.map { $0.flowText(plain) }.joined(separator: ", "))]"
    case .mapping(let entries):
      let texts = entries.map { "\(YAMLText.text($0.key)): \($0.value.flowText(plain))" }
      return "{\(texts.joined(separator: ", "))}"
    }
  }

  /// Booleans of YAML 1.1, which are read as texts here.
  private static let textsOfCoreSchema: Set<String> = ["y", "n", "yes", "no", "on", "off"]
}

extension Scalar {
  /// A number or boolean as briefly as it can be said.
  fileprivate var shortText: String {
    if let bool { return bool ? "true" : "false" }
    switch CoreValue(self) {
    case .whole(let isNegative, let magnitude) where magnitude < 1 << 53 || isInteger:
      return (isNegative ? "-" : "") + String(magnitude)
    case .notANumber: return ".nan"
    default:
      guard let double else { return text }
      return double.isInfinite ? (double < 0 ? "-.inf" : ".inf") : double.description
    }
  }

  private var isInteger: Bool { int != nil || unsigned != nil }
}
