import ExptFiles
import struct FlyingFox.HTTPBodySequence
import struct FlyingFox.HTTPHeader
import struct FlyingFox.HTTPHeaders
import struct FlyingFox.HTTPResponse
import struct FlyingFox.HTTPStatusCode
import Foundation

/// What a request gets.
struct Answer: Sendable {
  enum Body: Sendable {
    case bytes([UInt8])
    case stream(HTTPBodySequence)
  }

  var status = 200
  /// `application/json`.
  var type: String
  var body: Body
  var headers: [(name: String, value: String)] = []

  static func json(_ value: JSONValue, status: Int = 200) -> Answer {
    Answer(
      status: status, type: "application/json; charset=utf-8",
      body: .bytes(Array(value.compact.utf8)))
  }

  static func png(_ image: Image8) -> Answer {
    Answer(type: "image/png", body: .bytes(PNG.bytes(of: image, compressed: false)))
  }

  static func text(_ text: String, status: Int = 200) -> Answer {
    Answer(status: status, type: "text/plain; charset=utf-8", body: .bytes(Array(text.utf8)))
  }

  static func refused(_ refusal: Refusal) -> Answer {
    .json(["problem": .string(refusal.message)], status: refusal.status)
  }

  /// With what every answer carries: nothing is kept, guessed, framed, or loaded from elsewhere.
  var response: HTTPResponse {
    var fields: [HTTPHeader: String] = [
      .contentType: type,
      .cacheControl: "no-store",
      HTTPHeader("Content-Security-Policy"):
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      HTTPHeader("X-Content-Type-Options"): "nosniff",
      HTTPHeader("X-Frame-Options"): "DENY",
      HTTPHeader("Referrer-Policy"): "no-referrer",
      HTTPHeader("Cross-Origin-Opener-Policy"): "same-origin",
      HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin",
    ]
    for header in headers { fields[HTTPHeader(header.name)] = header.value }
    let code = HTTPStatusCode(status, phrase: Self.phrases[status] ?? "Status")
    switch body {
    case .bytes(let bytes):
      return HTTPResponse(statusCode: code, headers: HTTPHeaders(fields), body: Data(bytes))
    case .stream(let sequence):
      return HTTPResponse(statusCode: code, headers: HTTPHeaders(fields), body: sequence)
    }
  }

  private static let phrases = [
    200: "OK", 204: "No Content", 303: "See Other", 400: "Bad Request", 401: "Unauthorized",
    403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
    413: "Content Too Large", 415: "Unsupported Media Type", 421: "Misdirected Request",
    500: "Internal Server Error", 503: "Service Unavailable",
  ]
}
