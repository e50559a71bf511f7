import ExptFiles

/// Looks for changes and tells the pages. It asks for the files' times, so that it works on any file
/// system, also on a folder that another machine writes.
struct RunWatch: Sendable {
  let library: RunLibrary
  let feed: LiveFeed

  /// How long between two looks at runs that train: an epoch is seen within a second of being written.
  private static let pause = Duration.milliseconds(300)
  /// A look for new runs takes at most this share of the time.
  private static let share = 50

  func run() async throws {
    let clock = ContinuousClock()
    var (nextScan, nextBeat) = (clock.now, clock.now)
    while !Task.isCancelled {
      var changed: [String] = []
      let start = clock.now
      if start >= nextScan {
        changed = library.scan()
        let took = start.duration(to: clock.now)
        nextScan = clock.now + max(.seconds(1), took * Self.share)
      } else if feed.count > 0 {
        changed = library.look()
      }
      if !changed.isEmpty { tell(changed) }
      if start >= nextBeat {
        feed.keepAlive()
        nextBeat = start + .seconds(10)
      }
      try await Task.sleep(for: Self.pause)
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
