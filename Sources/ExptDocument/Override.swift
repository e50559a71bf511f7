/// A setting given on the command line: `--set model.encoder.hidden=[400,200]`.
///
/// The path's parts are keys, separated by dots; an element of a list is `layers.0.units` or
/// `layers[0].units`. The value is read as YAML in flow form, so that `4` is a number, `[1, 2]` a
/// list and `{type: adam}` a mapping.
public struct Override: Sendable {
  /// The argument as given.
  public var argument: String
  public var path: NodePath
  public var value: Node
  /// Where each part of the path stands in the argument.
  var pathSpans: [SourceSpan]

  /// - Parameter option: The option that names the argument in messages.
  /// - Throws: A missing `=` or value, an empty part of the path, or a value that is not YAML.
  public init(parsing argument: String, option: String = "--set") throws(Diagnostics) {
    let source = try SourceText(argument: argument, of: option)
    guard argument.utf8.count <= Limits.bytes else {
      throw Diagnostics(.error(.fileTooLarge, "the argument has more than \(Limits.bytes) bytes"))
    }
    let scalars = Array(argument.unicodeScalars)
    guard let equals = scalars.firstIndex(of: "=") else {
      if let place = scalars.firstIndex(where: { [":", "="].contains(Lookalike.meant(by: $0)) }),
        let help = Lookalike.sentence(scalars[place], write: "=")
      {
        throw Self.problem(
          "\(Diagnostic.quote(argument)) has no '='", source, place..<place + 1, help: help)
      }
      throw Self.problem(
        "\(Diagnostic.quote(argument)) has no '='", source, scalars.count..<scalars.count,
        help: "write KEY.PATH=VALUE")
    }
    self.argument = argument
    let parts = try OverridePath.parts(of: scalars[..<equals], in: source)
    guard parts.count <= Limits.depth else {
      throw Self.problem(
        "the key path has more than \(Limits.depth) parts", source, 0..<equals,
        help: "write KEY.PATH=VALUE")
    }
    path = NodePath(parts.map(\.part))
    pathSpans = parts.map(\.span)
    let origin = "\(option) \(argument)"
    let written = scalars[(equals + 1)...].drop { $0 == " " }
    for mark in ["---", "..."] where written.starts(with: mark.unicodeScalars) {
      let behind = written.dropFirst(3).first
      guard behind == nil || behind == " " || behind == "\t" else { continue }
      throw Self.problem(
        "'\(mark)' means nothing on the command line", source,
        written.startIndex..<written.startIndex + 3, help: "put the whole text in quotes")
    }
    guard let value = try NodeBuilder.node(in: source, from: equals + 1, override: origin) else {
      throw Self.problem(
        "no value after '='", source, equals + 1..<equals + 1,
        help: "write null to unset, or '\"\"' for an empty text")
    }
    if let rest = scalars[value.end...].firstIndex(where: { $0 != " " && $0 != "\n" }) {
      throw Self.problem(
        "the value ends before this", source, rest..<scalars.count,
        help: "put the whole text in quotes")
    }
    self.value = value.node
    if path.parts.first == .key("extends") {
      throw Self.problem(
        "'extends' is only allowed in a file", source, 0..<equals, help: "write it in the file")
    }
  }

  /// A setting that another file, such as a sweep, gives: messages point there.
  ///
  /// - Parameters:
  ///   - key: The path, as in `--set`.
  ///   - keySpan: Where it stands.
  public init(key: String, at keySpan: SourceSpan?, value: Node) throws(Diagnostics) {
    let parts: [OverridePath.Part]
    do {
      let source = try SourceText(argument: key, of: "setting")
      parts = try OverridePath.parts(of: Array(key.unicodeScalars)[...], in: source)
    } catch {
      throw Diagnostics(
        error.all.map { problem in
          var moved = problem
          moved.span = keySpan ?? problem.span
          moved.help = "write a setting as in 'model.encoder.hidden'"
          return moved
        })
    }
    argument = key
    path = NodePath(parts.map(\.part))
    pathSpans = parts.map { keySpan ?? $0.span }
    self.value = value
    if path.parts.first == .key("extends") || parts.count > Limits.depth {
      throw Diagnostics(
        .error(.override, "'\(key)' is not a setting", at: keySpan, help: "name a setting"))
    }
  }

  /// The origin of what the override sets: `--set model.beta=4`.
  public var origin: Origin { value.origin }

  static func problem(
    _ message: String, _ source: SourceText, _ positions: Range<Int>, help: String
  ) -> Diagnostics {
    Diagnostics(.error(.override, message, at: source.span(positions), help: help))
  }
}

/// Reads the key path of an override.
enum OverridePath {
  typealias Part = (part: NodePath.Part, span: SourceSpan)

  static func parts(
    of scalars: ArraySlice<Unicode.Scalar>, in source: SourceText
  ) throws(Diagnostics) -> [Part] {
    var parts: [Part] = []
    var rest = scalars
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    while true {
      let key = rest.prefix { $0 != "." && $0 != "[" }
      guard !key.isEmpty else {
        throw Override.problem(
          "a part of the key path is empty", source, key.startIndex..<key.startIndex,
          help: "write KEY.PATH=VALUE")
      }
      parts.append((.key(text(key)), source.span(key.startIndex..<key.endIndex)))
      rest = rest[key.endIndex...]
      while rest.first == "[" { parts.append(try index(&rest, in: source)) }
      guard let next = rest.popFirst() else { return parts }
      guard next == "." else {
        throw Override.problem(
          "'.' is missing here", source, rest.startIndex - 1..<rest.startIndex,
          help: "write an element of a list as 'list[0].key' or 'list.0.key'")
      }
    }
  }

  /// `[12]`, removed from the front of `rest`.
  private static func index(
    _ rest: inout ArraySlice<Unicode.Scalar>, in source: SourceText
  ) throws(Diagnostics) -> Part {
    let inside = rest.dropFirst().prefix { $0 != "]" }
    let end = min(inside.endIndex + 1, rest.endIndex)
    let span = rest.startIndex..<end
    guard end > inside.endIndex, let index = Int(text(inside)), index >= 0 else {
      throw Override.problem(
        "this is not the number of a list's element", source, span,
        help: "write a number, as in 'hidden[0]'")
    }
    rest = rest[end...]
    return (.index(index), source.span(span))
  }

  private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars)
    return text
  }
}
