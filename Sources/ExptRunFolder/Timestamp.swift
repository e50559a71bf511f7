/// A moment in UTC, to the second.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Seconds since 1970-01-01 00:00 UTC, without leap seconds.
  public var seconds: Int

  public init(seconds: Int) { self.seconds = seconds }

  public static var now: Timestamp { Timestamp(seconds: HostCalls.secondsNow) }

  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.seconds < b.seconds }

  /// `2026-01-31T23:59:08Z` (ISO 8601).
  public var iso8601: String {
    let texts = fields
    return texts[..<3].joined(separator: "-") + "T" + texts[3...].joined(separator: ":") + "Z"
  }

  /// `20260131-235908`, for file names.
  public var compact: String {
    let texts = fields
    return texts[..<3].joined() + "-" + texts[3...].joined()
  }

  /// Reads what `iso8601` writes, from the year 1 on; nil for anything else.
  public init?(iso8601 text: String) {
    let numbers = text.split { !("0"..."9").contains($0) }.compactMap { Int($0) }
      .filter { $0 <= 9999 }
    guard numbers.count == 6, numbers[0] >= 1 else { return nil }
    self.init(seconds: HostCalls.seconds(ofCalendar: numbers))
    if iso8601 != text { return nil }  // 30 February, a sign, a blank
  }

  /// Year, month, day, hour, minute and second, as they are written.
  private var fields: [String] {
    HostCalls.calendar(seconds).enumerated().map { index, number in
      let text = String(number)
      return String(repeating: "0", count: max(0, (index == 0 ? 4 : 2) - text.count)) + text
    }
  }
}
