import ExptFiles

/// What a request gets.
struct Answer: Sendable {
  var status = 200
  /// `application/json`.
  var type: String
  var body: [UInt8]
  var headers: [(name: String, value: String)] = []
  /// What follows the body for as long as the page is there; nil: nothing.
  var events: LiveFeed.Listener?
  /// What the connection becomes instead of an answer; nil: nothing else.
  var socket: WebSocket?

  static func json(_ value: JSONValue, status: Int = 200) -> Answer {
    Answer(
      status: status, type: "application/json; charset=utf-8", body: Array(value.compact.utf8))
  }

  var isJSON: Bool { type.hasPrefix("application/json") }

  static func png(_ image: Image8) -> Answer {
    Answer(type: "image/png", body: PNG.bytes(of: image, compressed: false))
  }

  static func refused(_ refusal: Refusal) -> Answer {
    .json(["problem": .string(refusal.message)], status: refusal.status)
  }

  /// With what every answer carries: nothing is kept, guessed, framed, or loaded from elsewhere.
  ///
  /// - Parameter closes: Whether the connection ends behind it.
  func bytes(closes: Bool) -> [UInt8] {
    var lines = [
      "HTTP/1.1 \(status) \(Self.phrases[status] ?? "Status")",
      "Content-Type: \(type)",
      "Cache-Control: no-store",
      "Content-Security-Policy: default-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'",
      "X-Content-Type-Options: nosniff",
      "X-Frame-Options: DENY",
      "Referrer-Policy: no-referrer",
      "Cross-Origin-Opener-Policy: same-origin",
      "Cross-Origin-Resource-Policy: same-origin",
    ]
    for header in headers { lines.append("\(header.name): \(header.value)") }
    if events == nil { lines.append("Content-Length: \(body.count)") }
    lines.append("Connection: \(closes || events != nil ? "close" : "keep-alive")")
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
  }

  private static let phrases = [
    200: "OK", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 413: "Content Too Large",
    415: "Unsupported Media Type", 421: "Misdirected Request",
    431: "Request Header Fields Too Large", 500: "Internal Server Error",
    503: "Service Unavailable",
  ]
}
