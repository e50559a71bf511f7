import Foundation
import Synchronization

/// What the page is told without asking: server-sent events, one stream for each page that is looked at.
///
/// Not the page's WebSocket: a browser connects to these again by itself.
///
/// Source: WHATWG, "HTML", 9.2 Server-sent events.
final class LiveFeed: Sendable {
  static let mostListeners = 32

  /// The events for one page. `@unchecked Sendable`: all state is behind `condition`.
  final class Listener: @unchecked Sendable {
    /// Events that a page has not read yet: of more, the oldest are dropped, as each event stands for all
    /// before it.
    private static let mostWaiting = 8
    /// Only writing tells whether the page is still there.
    private static let pause = 10.0
    private let condition = NSCondition()
    private var waiting: [[UInt8]] = [Array("retry: 1000\n\n".utf8)]
    private let end: @Sendable () -> Void

    fileprivate init(end: @escaping @Sendable () -> Void) { self.end = end }
    deinit { end() }

    fileprivate func take(_ event: [UInt8]) {
      condition.withLock {
        if waiting.count >= Self.mostWaiting { waiting.removeFirst() }
        waiting.append(event)
        condition.signal()
      }
    }

    /// The next event, or after a while a line that means nothing.
    func next() -> [UInt8]? {
      condition.lock()
      defer { condition.unlock() }
      if waiting.isEmpty { _ = condition.wait(until: Date(timeIntervalSinceNow: Self.pause)) }
      return waiting.isEmpty ? Array(": \n\n".utf8) : waiting.removeFirst()
    }
  }

  private struct Place: Sendable {
    weak var listener: Listener?
  }
  private struct State {
    var last = 0
    var places: [Int: Place] = [:]
  }
  private let state = Mutex(State())

  var count: Int { state.withLock { $0.places.count } }

  /// - Throws: `Refusal` if too many pages listen.
  func listen() throws(Refusal) -> Listener {
    let listener = state.withLock { state -> Listener? in
      guard state.places.count < Self.mostListeners else { return nil }
      state.last += 1
      let number = state.last
      let listener = Listener { [weak self] in
        self?.state.withLock { $0.places[number] = nil }
      }
      state.places[number] = Place(listener: listener)
      return listener
    }
    guard let listener else {
      throw .busy(
        "\(Self.mostListeners) pages are looked at already: close one, and this one goes on by itself"
      )
    }
    return listener
  }

  /// - Parameter data: One line.
  func tell(_ event: String, _ data: String) {
    let bytes = Array("event: \(event)\ndata: \(data)\n\n".utf8)
    // Outside the lock: the last owner of a listener takes it out of the list.
    let listeners = state.withLock { state in state.places.values.map(\.listener) }
    for listener in listeners { listener?.take(bytes) }
  }
}
