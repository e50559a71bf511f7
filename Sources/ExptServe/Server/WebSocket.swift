import ExptFiles
import Foundation

/// A WebSocket, as much of it as the page needs: whole text messages of bounded length, one answer to each.
/// What is malformed, in pieces or of another kind ends it, with the standard's code for why.
///
/// For what is asked many times a second, while somebody drags: on one machine, a browser's fetch took 4.1 ms
/// and this 1.3 ms (medians, headless Chromium).
///
/// Source: RFC 6455.
struct WebSocket: Sendable {
  /// What proves to the browser that the server speaks the protocol.
  let acceptance: String
  /// From a message to its answer.
  let reply: @Sendable ([UInt8]) -> [UInt8]

  /// - Throws: `Refusal` for a request that does not ask for a WebSocket.
  init(
    _ request: HTTPRequest, reply: @escaping @Sendable ([UInt8]) -> [UInt8]
  ) throws(Refusal) {
    let headers = request.headers
    let connection = (headers["connection"] ?? "").lowercased().split(separator: ",")
    guard headers["upgrade"]?.lowercased() == "websocket",
      connection.contains(where: { $0.trimmingCharacters(in: .whitespaces) == "upgrade" }),
      headers["sec-websocket-version"] == "13", let key = headers["sec-websocket-key"],
      Data(base64Encoded: key)?.count == 16
    else { throw .bad("this is not the beginning of a WebSocket") }
    var digest = SHA1()
    digest.update(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
    acceptance = digest.finish().base64
    self.reply = reply
  }

  /// The answer to the request.
  var opening: [UInt8] {
    let lines = [
      "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
      "Sec-WebSocket-Accept: \(acceptance)",
    ]
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  // MARK: Frames

  /// A frame of the other side's.
  enum Frame: Equatable {
    case text([UInt8])
    case ping([UInt8])
    case pong
    case close
  }

  /// Why a WebSocket ends: the code of RFC 6455, section 7.4.1.
  struct Violation: Error, Equatable {
    var code: UInt16
    static let protocolError = Violation(code: 1002)
    static let otherKind = Violation(code: 1003)
    static let tooLong = Violation(code: 1009)
  }

  /// Takes the first frame off `bytes`; nil where it is not whole yet.
  static func next(_ bytes: inout [UInt8]) throws(Violation) -> Frame? {
    guard bytes.count >= 2 else { return nil }
    let (kind, mark) = (bytes[0] & 0x0F, bytes[1] & 0x7F)
    // No extension was agreed on, and browsers mask what they send.
    guard bytes[0] & 0x70 == 0, bytes[1] & 0x80 != 0 else { throw .protocolError }
    guard bytes[0] & 0x80 != 0, kind != 0, kind != 2 else { throw .otherKind }
    guard kind == 1 || (8...10).contains(kind) else { throw .protocolError }
    guard kind == 1 || mark < 126 else { throw .protocolError }
    // Two bytes of length are enough.
    guard mark < 127 else { throw .tooLong }
    var start = 2
    var length = Int(mark)
    if mark == 126 {
      guard bytes.count >= 4 else { return nil }
      length = Int(bytes[2]) << 8 | Int(bytes[3])
      guard length >= 126 else { throw .protocolError }
      start = 4
    }
    guard bytes.count >= start + 4 + length else { return nil }
    let mask = bytes[start..<start + 4]
    var payload = Array(bytes[start + 4..<start + 4 + length])
    for place in payload.indices { payload[place] ^= mask[start + place & 3] }
    bytes.removeFirst(start + 4 + length)
    return switch kind {
    case 1: .text(payload)
    case 8: .close
    case 9: .ping(payload)
    default: .pong
    }
  }

  /// A frame of ours.
  static func frame(_ kind: UInt8, _ payload: [UInt8]) -> [UInt8] {
    let count = payload.count
    let length: [UInt8] =
      if count < 126 {
        [UInt8(count)]
      } else if count < 1 << 16 {
        [126, UInt8(count >> 8), UInt8(count & 255)]
      } else {
        [127] + (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
      }
    return [0x80 | kind] + length + payload
  }

  static func closing(_ code: UInt16) -> [UInt8] {
    frame(8, [UInt8(code >> 8), UInt8(code & 255)])
  }

  // MARK: Talking

  /// How long nobody need say anything; the page opens another when it is dragged again.
  private static let patience: Int32 = 60_000

  /// Answers messages until one side ends it.
  ///
  /// - Parameter waiting: What has come behind the request.
  func talk(_ connection: Connection, _ waiting: [UInt8]) {
    guard connection.write(opening) else { return }
    var waiting = waiting
    do throws(Violation) {
      while true {
        while let frame = try Self.next(&waiting) {
          let answer: [UInt8]
          switch frame {
          case .text(let message): answer = Self.frame(1, reply(message))
          case .ping(let payload): answer = Self.frame(10, payload)
          case .pong: continue
          case .close: throw Violation(code: 1000)
          }
          guard connection.write(answer) else { return }
        }
        guard let piece = connection.read(upTo: 1 << 14, milliseconds: Self.patience) else {
          throw Violation(code: 1001)
        }
        waiting += piece
      }
    } catch {
      _ = connection.write(Self.closing(error.code))
      connection.finish()
    }
  }
}
