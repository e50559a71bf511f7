internal import CTransfer

/// Fetching one file over HTTP, a piece at a time. The only file that imports `CTransfer`.
struct Transfer {
  var url: String
  /// For looking up the name, connecting and the TLS handshake.
  var connectTimeout: Duration
  /// The longest wait without a byte.
  var stallTimeout: Duration
  /// At least `slowBytes` must come in each such span of time.
  var slowTimeout: Duration
  var slowBytes: Int
  /// The most bytes accepted.
  var limit: Int
  /// Whether the user asked to stop.
  var isStopped: () -> Bool

  /// Takes the next bytes, and the size that the server promised, if it did. False stops the
  /// transfer.
  typealias Receiver = (_ bytes: UnsafeBufferPointer<UInt8>, _ expected: Int?) -> Bool

  /// Runs on the caller's thread.
  ///
  /// - Returns: nil when all is received, else the reason in words.
  func run(_ receive: Receiver) -> String? {
    withoutActuallyEscaping(receive) { receive in
      var ends = Ends(receive: receive, isStopped: isStopped)
      var status = 0
      var words = [CChar](repeating: 0, count: 256)
      let result = url.withCString { url in
        "expt".withCString { agent in
          var request = ct_request(
            url: url, user_agent: agent, connect_milliseconds: connectTimeout.milliseconds,
            stall_milliseconds: stallTimeout.milliseconds,
            slow_milliseconds: slowTimeout.milliseconds, slow_bytes: Int64(slowBytes),
            limit: Int64(limit))
          return withUnsafeMutablePointer(to: &ends) { ends in
            ct_fetch(&request, Self.pass, Self.stop, ends, &status, &words, words.count)
          }
        }
      }
      return reason(result, status: status, words: words)
    }
  }

  /// What C calls back, through the `context` that points to it.
  private struct Ends {
    var receive: Receiver
    var isStopped: () -> Bool
  }

  private static let pass: ct_receiver = { context, bytes, count, expected in
    guard let ends = context?.assumingMemoryBound(to: Ends.self) else { return 1 }
    let bytes = UnsafeBufferPointer(start: bytes, count: count)
    return ends.pointee.receive(bytes, expected < 0 ? nil : Int(expected)) ? 0 : 1
  }

  private static let stop: ct_stopper = { context in
    guard let ends = context?.assumingMemoryBound(to: Ends.self) else { return 1 }
    return ends.pointee.isStopped() ? 1 : 0
  }

  private func reason(_ result: ct_result, status: Int, words: [CChar]) -> String? {
    let text = words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let words = String(decoding: text, as: UTF8.self)
    switch result {
    case CT_DONE: return nil
    case CT_NO_LIBRARY: return "there is no libcurl on this machine; install it (libcurl4)"
    case CT_NO_HOST: return "the host's name could not be looked up; is there a network?"
    case CT_NO_ANSWER: return "no connection (\(words))"
    case CT_STATUS: return "the server answered with status \(status)"
    case CT_STALLED: return "no data came for \(stallTimeout.milliseconds / 1000) s"
    case CT_SLOW:
      return "fewer than \(slowBytes) bytes came in \(slowTimeout.milliseconds / 1000) s"
    case CT_TRUNCATED: return "the connection ended too early (\(words))"
    case CT_STOPPED: return "stopped"
    case CT_TOO_LARGE: return "it is larger than \(limit) bytes"
    default: return words.isEmpty ? "the transfer failed" : words
    }
  }
}

extension Duration {
  fileprivate var milliseconds: Int {
    Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
  }
}
