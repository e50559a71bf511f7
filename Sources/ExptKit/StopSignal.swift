import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// SIGINT and SIGTERM ask training to stop after the batch; a second one ends the program at once.
enum StopSignal {
  private static let count = Atomic<Int>(0)

  /// Whether the user asked to stop.
  static var isRaised: Bool { count.load(ordering: .relaxed) > 0 }

  static func install() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        if StopSignal.count.add(1, ordering: .relaxed).oldValue > 0 { _exit(130) }
      }
    }
  }
}
