internal import CLibYAML

/// One libyaml parser over a source text, freed with the object.
///
/// libyaml asks for bytes through a callback, so that no pointer into Swift memory outlives the
/// call it was made for.
final class EventReader {
  private var parser = yaml_parser_t()
  private let source: SourceText
  /// The byte handed to libyaml next.
  private var nextByte: Int
  /// The position in the source of the first scalar libyaml sees.
  private let firstPosition: Int

  /// - Parameter position: Where in the source the YAML begins; an override's value begins after
  ///   its `=`.
  init(_ source: SourceText, from position: Int = 0) throws(Diagnostic) {
    self.source = source
    firstPosition = position
    nextByte = source.byteOffset(of: position)
    try check(yaml_parser_initialize(&parser))
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input(
      &parser,
      { reader, buffer, size, sizeRead in
        guard let reader, let buffer, let sizeRead else { return 0 }
        let this = Unmanaged<EventReader>.fromOpaque(reader).takeUnretainedValue()
        sizeRead.pointee = this.copyBytes(
          to: UnsafeMutableBufferPointer(start: buffer, count: size))
        return 1
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit { yaml_parser_delete(&parser) }

  private func copyBytes(to buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
    let count = min(buffer.count, source.bytes.count - nextByte)
    _ = buffer.update(fromContentsOf: source.bytes[nextByte..<nextByte + count])
    nextByte += count
    return count
  }

  /// The next event. After `streamEnd` there is none; do not ask again.
  ///
  /// - Throws: What is wrong with the YAML, in plain English, with its place.
  func next() throws(Diagnostic) -> Event {
    var event = yaml_event_t()
    try check(yaml_parser_parse(&parser, &event))
    defer { yaml_event_delete(&event) }
    return Event(
      kind: Self.kind(of: event),
      positions: position(
        event.start_mark)..<max(
          position(event.start_mark), position(event.end_mark)))
  }

  private func position(_ mark: yaml_mark_t) -> Int { firstPosition + Int(mark.index) }

  /// The one place where a status of libyaml becomes an error.
  private func check(_ status: CInt) throws(Diagnostic) {
    guard status == 0 else { return }
    if parser.error == YAML_MEMORY_ERROR || parser.error == YAML_NO_ERROR {
      throw .error(.syntax, "out of memory while reading \(Diagnostic.quote(path: source.file))")
    }
    let problem = Self.string(parser.problem) ?? "unknown problem"
    let context = Self.string(parser.context)
    let isReaderError = parser.error == YAML_READER_ERROR
    throw SyntaxProblem(
      problem: problem, position: position(isReaderError ? parser.mark : parser.problem_mark),
      context: context, contextPosition: context.map { _ in position(parser.context_mark) }
    ).diagnostic(in: source)
  }
}

extension EventReader {
  private static func kind(of event: yaml_event_t) -> Event.Kind {
    switch event.type {
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_ALIAS_EVENT: return .alias(string(event.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      return .scalar(
        text: string(scalar.value, length: scalar.length),
        isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
        properties: Event.Properties(anchor: string(scalar.anchor), tag: string(scalar.tag)))
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return .sequenceStart(
        isFlow: start.style == YAML_FLOW_SEQUENCE_STYLE,
        properties: Event.Properties(anchor: string(start.anchor), tag: string(start.tag)))
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return .mappingStart(
        isFlow: start.style == YAML_FLOW_MAPPING_STYLE,
        properties: Event.Properties(anchor: string(start.anchor), tag: string(start.tag)))
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_STREAM_START_EVENT: return .streamStart
    default: return .streamEnd
    }
  }

  private static func string(_ text: UnsafePointer<CChar>?) -> String? {
    text.map { String(cString: $0) }
  }

  private static func string(_ text: UnsafeMutablePointer<UInt8>?) -> String? {
    text.map { String(cString: $0) }
  }

  private static func string(_ text: UnsafeMutablePointer<UInt8>?, length: Int) -> String {
    String(decoding: UnsafeBufferPointer(start: text, count: length), as: UTF8.self)
  }
}
