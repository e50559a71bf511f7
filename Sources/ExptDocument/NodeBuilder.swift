/// Builds the tree of nodes from the events of one source, reporting every mistake it can pass.
///
/// Mistakes in the YAML grammar stop the reading, as do the bounds of `Limits`. Duplicate keys,
/// unknown tags, aliases to nothing and the like are collected and thrown together at the end.
struct NodeBuilder {
  /// A node with the number of nested mappings and lists in it.
  typealias Built = (node: Node, height: Int)

  private let source: SourceText
  private let reader: EventReader
  /// The override the source is, such as `--set model.beta=4`; nil for a file.
  private let override: String?
  private var diagnostics = Diagnostics()
  private var anchors: [String: (built: Built, size: Int)] = [:]
  private var openAnchors: Set<String> = []
  /// Values built so far, those behind aliases and merge keys counted each time they are used.
  private var size = 0
  /// Where the last event ends.
  private var lastPosition = 0

  private init(_ source: SourceText, from position: Int, override: String?) throws(Diagnostics) {
    self.source = source
    self.override = override
    do { reader = try EventReader(source, from: position) } catch { throw Diagnostics(error) }
  }

  /// The one document of a source and the position where it ends; nil if there is nothing but
  /// comments.
  static func node(
    in source: SourceText, from position: Int = 0, override: String? = nil
  ) throws(Diagnostics) -> (node: Node, end: Int)? {
    var builder = try NodeBuilder(source, from: position, override: override)
    let root = try builder.document()
    try builder.diagnostics.throwErrors()
    return root
  }

  private mutating func document() throws(Diagnostics) -> (node: Node, end: Int)? {
    var root: (node: Node, end: Int)?
    while true {
      let event = try next()
      switch event.kind {
      case .streamEnd: return root
      case .streamStart, .documentEnd: continue
      case .documentStart:
        guard root == nil else {
          throw stopping(
            .severalDocuments, "a second document begins here; a file holds one experiment",
            at: event.positions, help: "remove the '---', or split the file")
        }
        let node = try build(try next(), depth: 0).node
        root = (node, lastPosition)
      default: continue
      }
    }
  }

  private mutating func build(_ event: Event, depth: Int) throws(Diagnostics) -> Built {
    try charge(1, at: event)
    switch event.kind {
    case .alias(let name): return try alias(name, at: event, depth: depth)
    case .scalar(let text, let isPlain, let properties):
      if let anchor = properties.anchor { try refuseAnchor(anchor, at: event) }
      if isPlain, properties.tag == nil, let mistake = Lookalike.mistake(inPlain: text) {
        let place = event.positions.lowerBound + mistake.place
        try report(
          .error(
            .lookalike, "this character is not what it looks like",
            at: source.span(place..<place + 1),
            help: mistake.sentence + ", or put the whole text in quotes"))
      }
      let scalar = try scalar(text, isPlain: isPlain, tag: properties.tag, at: event)
      return register(
        (Node(.scalar(scalar), origin: event, in: self), 0), properties.anchor, size: 1)
    case .sequenceStart(let isFlow, let properties):
      let before = size
      try open(event, properties, tag: "seq", isFlow: isFlow, depth: depth)
      return register(try sequence(event, depth: depth), properties.anchor, size: size - before + 1)
    case .mappingStart(let isFlow, let properties):
      let before = size
      try open(event, properties, tag: "map", isFlow: isFlow, depth: depth)
      return register(try mapping(event, depth: depth), properties.anchor, size: size - before + 1)
    default:
      throw stopping(.syntax, "a value is missing here", at: event.positions)
    }
  }

  private mutating func sequence(_ start: Event, depth: Int) throws(Diagnostics) -> Built {
    var elements: [Node] = []
    var height = 0
    while true {
      let event = try next()
      if case .sequenceEnd = event.kind {
        return (Node(.sequence(elements), origin: start, to: event, in: self), height + 1)
      }
      let element = try build(event, depth: depth + 1)
      elements.append(element.node)
      height = max(height, element.height)
    }
  }

  private mutating func mapping(_ start: Event, depth: Int) throws(Diagnostics) -> Built {
    var collector = MappingCollector()
    var height = 0
    while true {
      let event = try next()
      if case .mappingEnd = event.kind {
        let entries = collector.entriesWithMerged
        return (Node(.mapping(entries), origin: start, to: event, in: self), height + 1)
      }
      let key = try build(event, depth: depth + 1)
      let before = size
      let value = try build(try next(), depth: depth + 1)
      height = max(height, value.height)
      if event.isMergeKey {
        try charge(size - before, at: event)
        try report(collector.merge(value.node, keySpan: key.node.span))
      } else if let name = try name(of: key.node) {
        try report(collector.add(Node.Entry(key: name, keySpan: key.node.span, value: value.node)))
      }
    }
  }

  /// A key's text. A key that is not text is reported, since `1:` and `true:` never name a setting.
  private mutating func name(of key: Node) throws(Diagnostics) -> String? {
    if let scalar = key.scalar, scalar.isQuoted || scalar.kind == .text { return scalar.text }
    let help = key.scalar.flatMap { $0.text.isEmpty ? nil : "write \"\($0.text)\" if it is a name" }
    try report(
      .error(.keyNotText, "a key must be a name, not \(key.summary)", at: key.span, help: help))
    return nil
  }

  private mutating func alias(
    _ name: String, at event: Event, depth: Int
  ) throws(Diagnostics) -> Built {
    if let anchor = anchors[name] {
      try charge(anchor.size, at: event)
      try checkDepth(depth + anchor.built.height, at: event)
      return anchor.built
    }
    let reason =
      openAnchors.contains(name)
      ? "is inside the value it names" : "has no anchor '&\(name)' before it"
    let near =
      anchors.count <= Limits.suggestions
      ? closestMatch(to: name, among: anchors.keys.sorted()) : nil
    try report(
      .error(
        .alias, "the alias '*\(name)' \(reason)", at: source.span(event.positions),
        help: near.map { "did you mean '*\($0)'?" }))
    return (Node(.scalar(Scalar("")), origin: event, in: self), 0)
  }
}

// MARK: - Properties

extension NodeBuilder {
  private mutating func open(
    _ event: Event, _ properties: Event.Properties, tag: String, isFlow: Bool, depth: Int
  ) throws(Diagnostics) {
    try checkDepth(depth + 1, at: event)
    if let anchor = properties.anchor {
      try refuseAnchor(anchor, at: event)
      openAnchors.insert(anchor)
    }
    if override != nil, !isFlow {
      throw stopping(
        .override, "a value on the command line must be on one line", at: event.positions,
        help: tag == "seq"
          ? "write a list as [1, 2]"
          : "write a mapping as {key: value}; put text that holds ': ' in quotes")
    }
    if let given = properties.tag, given != Self.coreTag + tag {
      try report(unknownTag(given, at: event))
    }
  }

  /// An override has nothing that could repeat its value, so that '&' must have been meant as text.
  private mutating func refuseAnchor(_ anchor: String, at event: Event) throws(Diagnostics) {
    guard override != nil else { return }
    try report(
      .error(
        .override, "'&\(anchor)' means nothing on the command line",
        at: source.span(event.positions), help: "put the whole text in quotes"))
  }

  private mutating func register(_ built: Built, _ anchor: String?, size: Int) -> Built {
    guard let anchor else { return built }
    openAnchors.remove(anchor)
    anchors[anchor] = (built, size)
    return built
  }

  private static let coreTag = "tag:yaml.org,2002:"

  private mutating func scalar(
    _ text: String, isPlain: Bool, tag: String?, at event: Event
  ) throws(Diagnostics) -> Scalar {
    guard let tag else { return Scalar(text, isQuoted: !isPlain) }
    let plain = Scalar(text)
    switch tag.hasPrefix(Self.coreTag) ? String(tag.dropFirst(Self.coreTag.count)) : tag {
    case "str": return Scalar(text, isQuoted: true)
    case "int" where plain.int != nil, "float" where plain.double != nil,
      "bool" where plain.bool != nil, "null" where plain.isNull:
      return plain
    case let name where ["int", "float", "bool", "null"].contains(name):
      try report(
        .error(
          .tag, "\(Diagnostic.quote(text)) is tagged !!\(name) but does not read as one",
          at: source.span(event.positions), help: "remove the tag"))
    default: try report(unknownTag(tag, at: event))
    }
    return plain
  }

  private func unknownTag(_ tag: String, at event: Event) -> Diagnostic {
    let name =
      tag.hasPrefix(Self.coreTag) ? "!!" + tag.dropFirst(Self.coreTag.count) : tag
    return .error(
      .tag, "the tag \(Diagnostic.quote(name)) means nothing in an experiment file",
      at: source.span(event.positions), help: "remove the tag, or put the text in quotes")
  }
}

// MARK: - Places, bounds and reports

extension NodeBuilder {
  private mutating func next() throws(Diagnostics) -> Event {
    do {
      let event = try reader.next()
      lastPosition = event.positions.upperBound
      return event
    } catch {
      throw Diagnostics(diagnostics.all + [error])
    }
  }

  private mutating func report(_ diagnostic: Diagnostic?) throws(Diagnostics) {
    guard let diagnostic else { return }
    diagnostics.append(diagnostic)
    if diagnostics.all.count >= Limits.errors { throw diagnostics }
  }

  private mutating func charge(_ count: Int, at event: Event) throws(Diagnostics) {
    size += count
    if size > Limits.nodes {
      throw stopping(
        .tooLarge, "the text expands to more than \(Limits.nodes) values here", at: event.positions,
        help: "aliases and merge keys repeat everything they refer to")
    }
  }

  private func checkDepth(_ depth: Int, at event: Event) throws(Diagnostics) {
    if depth > Limits.depth {
      throw stopping(
        .tooDeep, "more than \(Limits.depth) nested mappings and lists",
        at: event.positions)
    }
  }

  private func stopping(
    _ code: Diagnostic.Code, _ message: String, at positions: Range<Int>, help: String? = nil
  ) -> Diagnostics {
    let diagnostic = Diagnostic.error(code, message, at: source.span(positions), help: help)
    return Diagnostics(diagnostics.all + [diagnostic])
  }

  fileprivate func span(from start: Event, to end: Event) -> SourceSpan {
    let first =
      start.hasProperties
      ? source.start(behindPropertiesIn: start.positions) : start.positions.lowerBound
    return source.span(first..<max(first, end.positions.upperBound))
  }

  fileprivate func origin(_ span: SourceSpan) -> Origin {
    override.map(Origin.override) ?? .file(span)
  }
}

extension Node {
  fileprivate init(
    _ value: Value, origin start: Event, to end: Event? = nil, in builder: NodeBuilder
  ) {
    let span = builder.span(from: start, to: end ?? start)
    self.init(value, origin: builder.origin(span), span: span)
  }
}
