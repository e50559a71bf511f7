/// One step through a YAML text, as libyaml reports it, in Swift's own types.
struct Event {
  enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd
    case alias(String)
    case scalar(text: String, isPlain: Bool, properties: Properties)
    case sequenceStart(isFlow: Bool, properties: Properties)
    case sequenceEnd
    case mappingStart(isFlow: Bool, properties: Properties)
    case mappingEnd
  }

  /// What may stand before a value: `&anchor` and `!tag`.
  struct Properties {
    var anchor: String?
    var tag: String?
  }

  var kind: Kind
  /// Positions in the source text.
  var positions: Range<Int>
}
