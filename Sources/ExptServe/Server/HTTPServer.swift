import Foundation
import Synchronization

/// Answers requests of HTTP/1.1 at a listener, each connection on a thread of its own.
///
/// Written here, and not taken from a library, for its bounds: FlyingFox 0.27.1 reads a head of any length, in
/// time by its square, so that one long line stops it for all; it also links Foundation's networking and
/// libcurl, which every start of the program would pay for.
final class HTTPServer: Sendable {
  /// Of more, each is told that there are too many.
  static let mostConnections = 256
  static let mostSockets = 32
  /// How long a head may take to come, and a connection be idle.
  private static let patience = Duration.seconds(30)
  private static let mostRequests = 10_000

  private let listener: Listener
  private let answer: @Sendable (HTTPRequest) -> Answer
  private let largestBody: Int
  private let open = Atomic(0)
  private let sockets = Atomic(0)
  private let isStopped = Atomic(false)

  /// - Parameter answer: Called on many threads at once.
  init(
    _ listener: Listener, largestBody: Int, answer: @escaping @Sendable (HTTPRequest) -> Answer
  ) {
    self.listener = listener
    self.largestBody = largestBody
    self.answer = answer
  }

  /// Serves until `stop` is called.
  func run() {
    while !isStopped.load(ordering: .relaxed) {
      guard let connection = listener.accept(milliseconds: 200) else { continue }
      guard open.add(1, ordering: .relaxed).newValue <= Self.mostConnections else {
        open.subtract(1, ordering: .relaxed)
        _ = connection.write(
          Answer.refused(.busy("too many connections: try again")).bytes(closes: true))
        continue
      }
      Thread.detachNewThread { [self] in
        serve(connection)
        open.subtract(1, ordering: .relaxed)
      }
    }
  }

  func stop() { isStopped.store(true, ordering: .relaxed) }

  private func serve(_ connection: Connection) {
    var waiting: [UInt8] = []
    for _ in 0..<Self.mostRequests {
      do throws(Refusal) {
        guard let request = try read(connection, &waiting) else { return }
        let answer = answer(request)
        if let socket = answer.socket { return try become(socket, connection, waiting) }
        // Who is one too many does not keep a place.
        let closes = !request.keepsConnection || answer.status == 503
        guard connection.write(answer.bytes(closes: closes)) else { return }
        if let events = answer.events {
          while let piece = events.next(), connection.write(piece) {}
          return
        }
        if closes { return connection.finish() }
      } catch {
        _ = connection.write(Answer.refused(error).bytes(closes: true))
        return connection.finish()
      }
    }
  }

  private func become(
    _ socket: WebSocket, _ connection: Connection, _ waiting: [UInt8]
  ) throws(Refusal) {
    defer { sockets.subtract(1, ordering: .relaxed) }
    guard sockets.add(1, ordering: .relaxed).newValue <= Self.mostSockets else {
      throw .busy("\(Self.mostSockets) pages have a WebSocket open already")
    }
    socket.talk(connection, waiting)
  }

  /// The next request; nil if the other side has no more.
  private func read(
    _ connection: Connection, _ waiting: inout [UInt8]
  ) throws(Refusal) -> HTTPRequest? {
    let start = ContinuousClock.now
    var searched = 0
    var end: Int?
    while end == nil {
      end = Self.endOfHead(waiting, from: searched)
      if end != nil { break }
      searched = max(0, waiting.count - 3)
      guard waiting.count <= HTTPRequest.longestHead else {
        throw Refusal(431, "the head of the request is too long")
      }
      guard start.duration(to: .now) < Self.patience,
        let piece = connection.read(upTo: 1 << 14, milliseconds: 30_000)
      else { return nil }
      waiting += piece
    }
    guard let end, end <= HTTPRequest.longestHead else {
      throw Refusal(431, "the head of the request is too long")
    }
    var request = try HTTPRequest(head: waiting[..<end])
    waiting.removeFirst(end + 4)
    let length = try request.bodyLength(most: largestBody)
    while waiting.count < length {
      guard start.duration(to: .now) < Self.patience,
        let piece = connection.read(upTo: 1 << 16, milliseconds: 10_000)
      else { return nil }
      waiting += piece
    }
    request.body = Array(waiting.prefix(length))
    waiting.removeFirst(length)
    return request
  }

  /// Where CR LF CR LF begins.
  private static func endOfHead(_ bytes: [UInt8], from start: Int) -> Int? {
    guard bytes.count >= 4 else { return nil }
    return (start...bytes.count - 4).first { place in
      bytes[place] == 13 && bytes[place + 1] == 10 && bytes[place + 2] == 13
        && bytes[place + 3] == 10
    }
  }
}
