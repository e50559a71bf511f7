import ExptFiles
import Foundation

/// Numbers and times as people read them.
public enum Words {
  /// A number with this many decimals; `nan`, `inf` and the very large as they are.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return CSV.field(value) }
    let text = String(format: "%.\(decimals)f", value)
    return text.allSatisfy { "-0.".contains($0) } && text.hasPrefix("-")
      ? String(text.dropFirst()) : text
  }

  /// How many decimals show these numbers to about four digits, at least two.
  public static func decimals(for values: some Sequence<Double>) -> Int {
    let largest = values.lazy.filter(\.isFinite).map(abs).max() ?? 0
    switch largest {
    case 0, 10...: return 2
    case 1..<10: return 3
    default: return min(8, 3 - Int(log10(largest).rounded(.down)))
    }
  }

  /// One number to about four digits.
  public static func metric(_ value: Double) -> String { fixed(value, decimals(for: [value])) }

  /// A number to this many significant digits: `0.00041`.
  public static func significant(_ value: Double, _ digits: Int) -> String {
    value.isFinite ? String(format: "%.\(digits)g", value) : CSV.field(value)
  }

  /// log₁₀ of a number above 0.
  public static func logarithm(_ value: Double) -> Double { log10(value) }

  /// `60,000`.
  public static func grouped(_ number: Int) -> String {
    var digits = Array(String(number.magnitude))
    for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
    return (number < 0 ? "−" : "") + String(digits)
  }

  /// `0:42`, `1:02:03`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    let total = Int(max(0, seconds).rounded())
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, rest)
      : String(format: "%d:%02d", minutes, rest)
  }

  /// How long ago: `42 s`, `5 min`, `3 h`, `12 d`, `2 y`.
  public static func age(_ seconds: Int) -> String {
    switch seconds {
    case ..<60: "\(max(0, seconds)) s"
    case ..<3600: "\(seconds / 60) min"
    case ..<(48 * 3600): "\(seconds / 3600) h"
    case ..<(730 * 86_400): "\(seconds / 86_400) d"
    default: "\(seconds / (365 * 86_400)) y"
    }
  }

  /// `1 run`, `2 runs`.
  public static func count(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  /// `1, 2, 3` as `1–3`, with gaps: `1–3, 7`. At most `limit` parts, then `…`.
  public static func ranges(_ numbers: [UInt64], limit: Int = 4) -> String {
    var parts: [(first: UInt64, last: UInt64)] = []
    for number in Set(numbers).sorted() {
      if let last = parts.last, last.last < .max, last.last + 1 == number {
        parts[parts.count - 1].last = number
      } else {
        parts.append((number, number))
      }
    }
    let texts = parts.prefix(limit).map { part in
      part.first == part.last
        ? "\(part.first)"
        : part.first + 1 == part.last
          ? "\(part.first), \(part.last)" : "\(part.first)–\(part.last)"
    }
    return texts.joined(separator: ", ") + (parts.count > limit ? ", …" : "")
  }

  /// `text` without characters that could steer a terminal: each becomes `�`.
  ///
  /// - Parameter kept: Characters that may stay, such as line breaks.
  public static func printable(_ text: String, keeping kept: String = "") -> String {
    guard text.unicodeScalars.contains(where: \.isUnsafeToPrint) else { return text }
    let kept = Array(kept.unicodeScalars)
    return String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.isUnsafeToPrint && !kept.contains($0) ? "\u{FFFD}" : $0 }))
  }

  /// Dotted names without their first part where the rest still tells them apart: `beta`,
  /// `encoder.hidden`.
  ///
  /// - Parameter reserved: What no name may become.
  public static func shortNames(_ names: [String], reserved: Set<String> = []) -> [String] {
    func short(_ name: String) -> String {
      name.firstIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name
    }
    let all = names.map(short)
    return zip(names, all).map { name, short in
      let isUnique = all.filter { $0 == short }.count == 1 && !names.contains(short)
      return isUnique && short != "type" && !reserved.contains(short) ? short : name
    }
  }
}
