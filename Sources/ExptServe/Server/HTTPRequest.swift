/// One HTTP/1.1 request, as much of it as the page needs: a head of bounded length and a body whose length
/// is said before. What is malformed is refused, never guessed at.
///
/// Source: RFC 9112.
struct HTTPRequest: Sendable {
  /// `GET`
  var method: String
  /// As it was sent, without its query: routes are plain ASCII, and nothing else is looked for.
  var path: String
  /// The names and values of the query, decoded.
  var query: [(name: String, value: String)]
  /// By lower-case name.
  var headers: [String: String]
  var body: [UInt8] = []

  static let longestHead = 16_384
  static let mostHeaders = 64

  /// - Parameter head: The bytes up to the empty line, without it.
  init(head: ArraySlice<UInt8>) throws(Refusal) {
    // Visible ASCII, spaces and tabs; lines end with CR LF.
    var lines: [String] = [""]
    var bytes = head.makeIterator()
    while let byte = bytes.next() {
      switch byte {
      case 0x0D:
        guard bytes.next() == 0x0A else { throw .bad("a line does not end with CR LF") }
        lines.append("")
      case 0x09, 0x20...0x7E:
        lines[lines.count - 1].unicodeScalars.append(Unicode.Scalar(byte))
      default: throw .bad("the head of the request is not ASCII")
      }
    }
    let words = lines[0].split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0",
      words[1].hasPrefix("/")
    else { throw .bad("this is not a request of HTTP/1.1") }
    method = String(words[0])
    let parts = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(parts[0])
    query = try Self.query(parts.count > 1 ? parts[1] : "")
    guard lines.count <= Self.mostHeaders + 1 else { throw .bad("too many headers") }
    headers = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":"), colon > line.startIndex,
        !line[..<colon].contains(where: { $0 == " " || $0 == "\t" })
      else { throw .bad("a header is malformed") }
      let name = line[..<colon].lowercased()
      // Two of what decides something could mean either.
      guard headers[name] == nil else { throw .bad("a header comes twice") }
      headers[name] = Self.trimmed(line[line.index(after: colon)...])
    }
    guard headers["transfer-encoding"] == nil else {
      throw .bad("a body must say its length before")
    }
  }

  /// In bytes.
  ///
  /// - Throws: `Refusal` for what is no length, or over `most`.
  func bodyLength(most: Int) throws(Refusal) -> Int {
    guard let text = headers["content-length"] else { return 0 }
    guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let length = Int(text) else {
      throw .bad("the length of the body is not a number")
    }
    guard length <= most else { throw Refusal(413, "more than \(most) bytes") }
    return length
  }

  /// Whether another request may follow on the connection.
  var keepsConnection: Bool { headers["connection"]?.lowercased() != "close" }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
    while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
    return String(text)
  }

  private static func query(_ text: Substring) throws(Refusal) -> [(name: String, value: String)] {
    var found: [(name: String, value: String)] = []
    for pair in text.split(separator: "&").prefix(64) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      found.append((try decoded(parts[0]), parts.count > 1 ? try decoded(parts[1]) : ""))
    }
    return found
  }

  /// Without percent-encoding.
  private static func decoded(_ text: Substring) throws(Refusal) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      else { throw .bad("the address is malformed") }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else {
      throw .bad("the address is not UTF-8")
    }
    return decoded
  }
}
