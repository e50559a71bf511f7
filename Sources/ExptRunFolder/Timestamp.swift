/// A moment in UTC, to the second.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Seconds since 1970-01-01 00:00 UTC, without leap seconds.
  public var seconds: Int

  public init(seconds: Int) { self.seconds = seconds }

  public static var now: Timestamp { Timestamp(seconds: HostCalls.secondsNow) }

  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.seconds < b.seconds }

  /// `2026-01-31T23:59:08Z` (ISO 8601).
  public var iso8601: String {
    let (date, time) = fields
    return "\(pad(date.0, 4))-\(pad(date.1))-\(pad(date.2))"
      + "T\(pad(time.0)):\(pad(time.1)):\(pad(time.2))Z"
  }

  /// `20260131-235908`, for file names.
  public var compact: String {
    let (date, time) = fields
    return
      "\(pad(date.0, 4))\(pad(date.1))\(pad(date.2))-\(pad(time.0))\(pad(time.1))\(pad(time.2))"
  }

  /// Reads what `iso8601` writes; nil for anything else.
  public init?(iso8601 text: String) {
    let bytes = Array(text.utf8)
    let pattern = Array("0000-00-00T00:00:00Z".utf8)
    guard bytes.count == pattern.count else { return nil }
    for (byte, wanted) in zip(bytes, pattern) {
      let isDigit = (0x30...0x39).contains(byte)
      guard wanted == 0x30 ? isDigit : byte == wanted else { return nil }
    }
    func number(_ range: Range<Int>) -> Int {
      bytes[range].reduce(0) { $0 * 10 + Int($1) - 0x30 }
    }
    let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
    let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
    guard year >= 1, (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
      second < 60
    else { return nil }
    let days = Self.days(year: year, month: month, day: day)
    guard Self.date(days: days) == (year, month, day) else { return nil }  // 30 February
    self.init(seconds: days * 86_400 + hour * 3600 + minute * 60 + second)
  }

  private var fields: (date: (Int, Int, Int), time: (Int, Int, Int)) {
    let day = Int((Double(seconds) / 86_400).rounded(.down))
    let second = seconds - day * 86_400
    return (Self.date(days: day), (second / 3600, second / 60 % 60, second % 60))
  }

  // The Gregorian calendar repeats every 400 years, which are 146,097 days. Counting years from
  // March puts the leap day at the end. (Howard Hinnant, "chrono-Compatible Low-Level Date
  // Algorithms", days_from_civil and civil_from_days.)

  private static func days(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = year / 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    let yearOfEra = year - era * 400
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(days: Int) -> (Int, Int, Int) {
    let days = days + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let day = dayOfYear - (153 * shifted + 2) / 5 + 1
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private func pad(_ number: Int, _ width: Int = 2) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
