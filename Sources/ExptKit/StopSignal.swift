import Foundation
import Synchronization

/// SIGINT and SIGTERM ask training to stop after the batch; a second one ends the program at once.
/// The end of the terminal (SIGHUP) asks too, as often as it comes: shells and the system both send it.
enum StopSignal {
  private static let count = Atomic<Int>(0)

  /// Whether the user asked to stop.
  static var isRaised: Bool { count.load(ordering: .relaxed) > 0 }

  static func install() {
    unblock()
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        if StopSignal.count.add(1, ordering: .relaxed).oldValue > 0 { _exit(130) }
      }
    }
    if isIgnored(SIGHUP) { return }
    signal(SIGHUP) { _ in
      _ = StopSignal.count.compareExchange(expected: 0, desired: 1, ordering: .relaxed)
    }
  }

  /// Whoever started the program may have blocked these signals: threads of Dispatch do, and a program
  /// that is started from one inherits that.
  private static func unblock() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Whether a signal is ignored: `nohup` does so with SIGHUP.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    #if canImport(Darwin)
      let handler = action.__sigaction_u.__sa_handler
    #else
      let handler = action.__sigaction_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
