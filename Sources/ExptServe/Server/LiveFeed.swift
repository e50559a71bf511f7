import FlyingFox
import FlyingSocks
import Synchronization

/// What the page is told without asking: server-sent events, one stream for each page that is looked at.
///
/// Not a WebSocket: pages only listen here (what they ask goes by GET and POST), so there is no parser
/// of frames to attack, and browsers connect again by themselves.
///
/// Source: WHATWG, "HTML", 9.2 Server-sent events.
final class LiveFeed: Sendable {
  static let mostListeners = 32
  /// Events that a page has not read yet: of more, the oldest are dropped, as each event stands for all
  /// before it.
  private static let mostWaiting = 8

  private struct State {
    var next = 0
    var listeners: [Int: AsyncStream<[UInt8]>.Continuation] = [:]
  }
  private let state = Mutex(State())

  var count: Int { state.withLock { $0.listeners.count } }

  /// - Throws: `Refusal` if too many pages listen.
  func listen() throws(Refusal) -> HTTPBodySequence {
    let (stream, continuation) = AsyncStream.makeStream(
      of: [UInt8].self, bufferingPolicy: .bufferingNewest(Self.mostWaiting))
    let number = state.withLock { state -> Int? in
      guard state.listeners.count < Self.mostListeners else { return nil }
      state.next += 1
      state.listeners[state.next] = continuation
      return state.next
    }
    guard let number else {
      throw .busy(
        "\(Self.mostListeners) pages are looked at already: close one, and this one goes on by itself"
      )
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { $0.listeners[number] = nil }
    }
    continuation.yield(Array("retry: 1000\n\n".utf8))
    return HTTPBodySequence(from: EventBytes(stream: stream))
  }

  /// - Parameter data: One line.
  func tell(_ event: String, _ data: String) { send("event: \(event)\ndata: \(data)\n\n") }

  /// Finds out which pages are gone: only writing to them tells.
  func keepAlive() { send(": \n\n") }

  private func send(_ text: String) {
    let bytes = Array(text.utf8)
    for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield(bytes) }
  }
}

/// A stream as the server sends it, piece by piece.
private struct EventBytes: AsyncBufferedSequence {
  typealias Element = UInt8
  let stream: AsyncStream<[UInt8]>

  struct AsyncIterator: AsyncBufferedIteratorProtocol {
    var base: AsyncStream<[UInt8]>.AsyncIterator
    private var rest: ArraySlice<UInt8> = []

    init(_ base: AsyncStream<[UInt8]>.AsyncIterator) { self.base = base }

    mutating func next() async -> UInt8? {
      while rest.isEmpty {
        guard let piece = await base.next() else { return nil }
        rest = piece[...]
      }
      return rest.popFirst()
    }

    mutating func nextBuffer(suggested count: Int) async -> [UInt8]? { await base.next() }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream.makeAsyncIterator()) }
}
