/// A count of what is done, drawn over on a terminal; nothing elsewhere.
final class CountDisplay {
  private let total: Int
  private let unit: String
  private var drawn: ContinuousClock.Instant?

  init(_ total: Int, unit: String) {
    self.total = total
    self.unit = unit
  }

  func show(_ done: Int) {
    guard Console.errorIsTerminal else { return }
    let now = ContinuousClock.now
    if let drawn, drawn.duration(to: now) < .milliseconds(100) { return }
    drawn = now
    Console.draw("\r\u{1B}[K\(done) of \(total) \(unit)")
  }

  func erase() {
    if drawn != nil { Console.draw("\r\u{1B}[K") }
    drawn = nil
  }
}
