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

extension Event {
  /// Whether this is a plain `<<`, which stands for the keys of its value.
  var isMergeKey: Bool {
    if case .scalar("<<", true, let properties) = kind { properties.tag == nil } else { false }
  }

  var hasProperties: Bool {
    switch kind {
    case .scalar(_, _, let properties), .sequenceStart(_, let properties),
      .mappingStart(_, let properties):
      properties.anchor != nil || properties.tag != nil
    default: false
    }
  }
}
