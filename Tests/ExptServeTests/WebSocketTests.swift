import ExptTestSupport
import Testing

@testable import ExptServe

@Suite("A WebSocket")
struct WebSocketTests {
  private func request(_ changes: [String: String] = [:]) throws -> HTTPRequest {
    let headers = [
      "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ].merging(changes) { $1 }
    let lines = ["GET /api/socket HTTP/1.1"] + headers.map { "\($0.key): \($0.value)" }
    return try HTTPRequest(head: Array(lines.joined(separator: "\r\n").utf8)[...])
  }

  /// Source: RFC 6455, section 1.3.
  @Test func `is accepted as the standard's example`() throws {
    let socket = try WebSocket(request()) { $0 }
    #expect(socket.acceptance == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
  }

  @Test(arguments: [
    ["Upgrade": "h2c"], ["Connection": "close"], ["Sec-WebSocket-Version": "8"],
    ["Sec-WebSocket-Key": "short"], ["Sec-WebSocket-Key": "not base 64 at all!!"],
  ])
  func `is refused to what does not ask for one`(_ changes: [String: String]) throws {
    let request = try request(changes)
    #expect(throws: Refusal.self) { try WebSocket(request) { $0 } }
  }

  private static func masked(_ kind: UInt8, _ payload: [UInt8]) -> [UInt8] {
    let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
    var frame = [0x80 | kind]
    if payload.count < 126 {
      frame.append(0x80 | UInt8(payload.count))
    } else {
      frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    }
    frame += mask
    for (place, byte) in payload.enumerated() { frame.append(byte ^ mask[place % 4]) }
    return frame
  }

  /// Source: RFC 6455, section 5.7.
  @Test func `reads and writes the standard's frames`() throws {
    var bytes: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58, 0x99]
    #expect(try WebSocket.next(&bytes) == .text(Array("Hello".utf8)))
    #expect(bytes == [0x99])
    #expect(WebSocket.frame(1, Array("Hello".utf8)) == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
    #expect(WebSocket.frame(2, [UInt8](repeating: 0, count: 256)).prefix(4) == [0x82, 126, 1, 0])
    #expect(
      WebSocket.frame(2, [UInt8](repeating: 0, count: 65536)).prefix(10)
        == [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0])
  }

  @Test(arguments: [0, 1, 125, 126, 300, 65_535])
  func `reads a message whole, in whatever pieces it comes`(_ count: Int) throws {
    var generator = SeededGenerator(7)
    let payload = generator.bytes(count)
    let all = Self.masked(1, payload) + Self.masked(9, [1, 2])
    var bytes: [UInt8] = []
    var found: [WebSocket.Frame] = []
    for start in stride(from: 0, to: all.count, by: 97) {
      bytes += all[start..<min(all.count, start + 97)]
      while let frame = try WebSocket.next(&bytes) { found.append(frame) }
    }
    #expect(found == [.text(payload), .ping([1, 2])] && bytes.isEmpty)
  }

  @Test(
    arguments: [
      ([0x81, 0x05, 1, 2, 3, 4, 5], 1002),  // not masked
      ([0xC1, 0x80, 0, 0, 0, 0], 1002),  // of an extension
      ([0x83, 0x80, 0, 0, 0, 0], 1002),  // of no kind
      ([0x89, 0xFE, 0, 126], 1002),  // a long ping
      ([0x81, 0xFE, 0, 5, 0, 0, 0, 0, 1, 2, 3, 4, 5], 1002),  // a length longer than need be
      ([0x01, 0x80, 0, 0, 0, 0], 1003),  // in pieces
      ([0x80, 0x80, 0, 0, 0, 0], 1003),  // a later piece
      ([0x82, 0x80, 0, 0, 0, 0], 1003),  // binary
      ([0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 1009),  // no end
    ] as [([UInt8], UInt16)])
  func `ends for what it does not take, and says why`(_ frame: [UInt8], _ code: UInt16) {
    var bytes = frame
    #expect(throws: WebSocket.Violation(code: code)) { try WebSocket.next(&bytes) }
  }
}
