/// Reads the text of `resolved.yaml` as `expt` writes it, comments (the origins) included, in one
/// pass over the bytes.
///
/// Five thousand folders are listed in a blink only if each takes some 20 µs; libyaml takes ten
/// times that, and drops comments. What this reader does not know, such as a file that somebody
/// has edited by hand, it refuses as a whole: `RunSettings.read` then takes libyaml.
struct ResolvedReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  private var settings: [RunSettings.Setting] = []
  private var open: [Level] = []

  /// A mapping or list that is open, with the indentation of what is in it.
  private struct Level {
    var indent: Int
    var path: String
    /// Of a component; its `type` has none of its own.
    var origin: String?
    /// Entries or elements so far.
    var count = 0
    /// Of the entries, none of which comes twice.
    var keys: [String] = []
    var isList = false
  }

  private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// The settings; nil for a text that is not as `expt` writes it.
  static func settings(_ bytes: [UInt8]) -> [RunSettings.Setting]? {
    bytes.withUnsafeBufferPointer { buffer in
      var reader = ResolvedReader(buffer)
      reader.open = [Level(indent: 0, path: "")]
      reader.settings.reserveCapacity(64)
      while reader.position < buffer.count {
        guard reader.readLine() else { return nil }
      }
      return reader.close(to: 0) ? reader.settings : nil
    }
  }

  private var next: UInt8 { position < bytes.count ? bytes[position] : 10 }

  private mutating func skipBlanks() -> Int {
    let start = position
    while next == 32 { position += 1 }
    return position - start
  }

  private mutating func readLine() -> Bool {
    var indent = skipBlanks()
    if next == UInt8(ascii: "#") || next == 10 {
      skipLine()
      return true
    }
    while next == UInt8(ascii: "-") {
      guard position + 1 < bytes.count, bytes[position + 1] == 32, beginElement(indent) else {
        return false
      }
      position += 2
      indent += 2
    }
    guard close(to: indent), let level = open.last, level.indent == indent, !level.isList,
      let key = readKey()
    else {
      return false
    }
    if level.keys.contains(key) { return false }
    open[open.count - 1].keys.append(key)
    open[open.count - 1].count += 1
    return readValue(level.path.isEmpty ? key : level.path + "." + key, indent: indent)
  }

  /// Ends the levels that are further in; false where one of them was empty.
  private mutating func close(to indent: Int) -> Bool {
    while let last = open.last, last.indent > indent {
      if last.count == 0 { return false }
      open.removeLast()
    }
    return true
  }

  /// The next element of the list at this indentation, whose entries stand two further in.
  private mutating func beginElement(_ indent: Int) -> Bool {
    guard close(to: indent), let list = open.last, list.indent == indent, !list.path.isEmpty,
      list.isList || list.count == 0
    else { return false }
    open[open.count - 1].isList = true
    open[open.count - 1].count += 1
    let path = "\(list.path)[\(list.count)]"
    open.append(Level(indent: indent + 2, path: path, origin: list.origin))
    return true
  }

  private mutating func readKey() -> String? {
    let start = position
    while Self.isOfWord(next) { position += 1 }
    guard position > start, next == UInt8(ascii: ":") else { return nil }
    defer { position += 1 }
    return text(start, position)
  }

  private mutating func readValue(_ path: String, indent: Int) -> Bool {
    let blanks = skipBlanks()
    if next == 10 || next == UInt8(ascii: "#") {
      // The entries of a mapping follow, further in.
      guard let origin = readOrigin() else { return false }
      open.append(Level(indent: indent + 2, path: path, origin: origin))
      return true
    }
    guard blanks == 1, let value = readInline(inList: false), let written = readOrigin() else {
      return false
    }
    let origin = written ?? (path.hasSuffix(".type") ? open.last?.origin : nil)
    settings.append(RunSettings.Setting(path, value, origin: origin))
    return true
  }

  /// The comment to the end of the line; nil inside where there is none, nil outside where
  /// something else stands there.
  private mutating func readOrigin() -> String?? {
    let blanks = skipBlanks()
    if next == 10 {
      position += 1
      return .some(nil)
    }
    guard next == UInt8(ascii: "#"), blanks > 0 || bytes[position - 1] == 32 else { return nil }
    position += 1
    _ = skipBlanks()
    let start = position
    skipLine()
    return .some(text(start, position - 1))
  }

  private mutating func readInline(inList: Bool) -> RunValue? {
    switch next {
    case UInt8(ascii: "\""): return readQuoted().map(RunValue.text)
    case UInt8(ascii: "["): return readList()
    case UInt8(ascii: "{"):
      guard position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "}") else { return nil }
      position += 2
      return .text("{}")
    default: return readPlain(inList: inList)
    }
  }

  private mutating func readList() -> RunValue? {
    position += 1
    var values: [RunValue] = []
    while true {
      _ = skipBlanks()
      if next == UInt8(ascii: "]") { break }
      guard let value = readInline(inList: true) else { return nil }
      values.append(value)
      _ = skipBlanks()
      if next == UInt8(ascii: ",") {
        position += 1
      } else if next != UInt8(ascii: "]") {
        return nil
      }
    }
    position += 1
    return .list(values)
  }

  /// Words of letters, digits and `_ - + . /`, with single blanks between them.
  private mutating func readPlain(inList: Bool) -> RunValue? {
    let start = position
    while Self.isOfWord(next)
      || (next == 32 && position + 1 < bytes.count && Self.isOfWord(bytes[position + 1]))
    { position += 1 }
    guard position > start else { return nil }
    let word = text(start, position)
    switch word {
    case "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    default: break
    }
    if let number = RunValue.number(word) { return number }
    // Text that begins like a number, or as a list does, stands in quotes.
    let first = bytes[start]
    let isText = first == UInt8(ascii: "_") || first == UInt8(ascii: "/") || first >= 0x41
    return isText ? .text(word) : nil
  }

  /// A text in double quotes, with the escapes that are written.
  private mutating func readQuoted() -> String? {
    position += 1
    var text: [UInt8] = []
    while next != UInt8(ascii: "\"") {
      guard next >= 32 else { return nil }
      guard next == UInt8(ascii: "\\") else {
        text.append(next)
        position += 1
        continue
      }
      position += 1
      switch next {
      case UInt8(ascii: "n"): text.append(10)
      case UInt8(ascii: "r"): text.append(13)
      case UInt8(ascii: "t"): text.append(9)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(next)
      default: return nil  // libyaml reads the rare ones
      }
      position += 1
    }
    position += 1
    return String(validating: text, as: UTF8.self)
  }

  private mutating func skipLine() {
    while next != 10 { position += 1 }
    position += 1
  }

  private func text(_ start: Int, _ end: Int) -> String {
    String(
      decoding: UnsafeBufferPointer(rebasing: bytes[start..<min(end, bytes.count)]), as: UTF8.self)
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "+"):
      true
    default: false
    }
  }
}
