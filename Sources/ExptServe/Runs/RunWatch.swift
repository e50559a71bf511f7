import ExptFiles
import Foundation

/// Looks for changes and tells the pages. It asks for the files' times, so that it works on any file
/// system, also on a folder that another machine writes.
struct RunWatch: Sendable {
  let library: RunLibrary
  let feed: LiveFeed

  /// How long between two looks at runs that train: an epoch is seen within a second of being written.
  private static let pause = 0.3
  /// A look for new runs takes at most this share of the time.
  private static let share = 50

  func run(isStopped: () -> Bool) {
    let clock = ContinuousClock()
    var nextScan = clock.now
    while !isStopped() {
      var changed: [String] = []
      let start = clock.now
      if start >= nextScan {
        changed = library.scan()
        nextScan = clock.now + max(.seconds(1), start.duration(to: clock.now) * Self.share)
      } else if feed.count > 0 {
        changed = library.look()
      }
      if !changed.isEmpty { tell(changed) }
      Thread.sleep(forTimeInterval: Self.pause)
    }
  }

  func tell(_ changed: [String]) {
    let snapshot = library.snapshot
    let data: JSONValue = [
      "version": JSONValue(snapshot.version),
      "training": .bool(snapshot.isTraining),
      "runs": .array(changed.prefix(200).map { .string($0) }),
    ]
    feed.tell("runs", data.compact)
  }
}
