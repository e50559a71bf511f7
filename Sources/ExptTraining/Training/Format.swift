import ExptFiles

/// Numbers as people read them.
public enum Format {
  /// A number with this many digits that say something: `0.1`, `0.00125`, `1234`.
  public static func significant(_ number: Double, _ digits: Int = 4) -> String {
    guard number.isFinite, number != 0, abs(number) < 1e15 else { return CSV.field(number) }
    var scale = 1.0
    while abs(number) * scale < pow10(digits - 1), scale < 1e15 { scale *= 10 }
    let value = (number * scale).rounded() / scale
    return Int(exactly: value).map(String.init) ?? CSV.field(value)
  }

  private static func pow10(_ exponent: Int) -> Double {
    (0..<max(0, exponent)).reduce(1.0) { product, _ in product * 10 }
  }

  /// `1 epoch`, `3 epochs`.
  public static func count(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  /// `41,200`.
  public static func grouped(_ number: Double) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return CSV.field(number) }
    let digits = String(Int(number.rounded()))
    var text = ""
    for (index, digit) in digits.reversed().enumerated() {
      if index > 0, index % 3 == 0, digit != "-" { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }

  /// A number with this many decimals: `112.31`.
  public static func fixed(_ number: Double, _ decimals: Int) -> String {
    guard number.isFinite, abs(number) < 1e12 else { return CSV.field(number) }
    let scale = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
    let units = Int64((abs(number) * scale).rounded())
    let whole = units / Int64(scale)
    let rest = String(units % Int64(scale))
    let sign = number < 0 && units != 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(whole)" }
    return "\(sign)\(whole)." + String(repeating: "0", count: decimals - rest.count) + rest
  }

  /// A number as short as it can be: `255`, `0.0627451`.
  public static func brief(_ number: Float) -> String {
    Int64(exactly: number).map { "\($0)" } ?? "\(number)"
  }

  /// `0:42`, `1:02:03`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    let total = Int(max(0, seconds).rounded())
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
    func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
  }

  /// `12.3 MB`, in units of 10^6 bytes.
  public static func bytes(_ count: Int) -> String {
    let number = Double(count)
    if number >= 1e9 { return fixed(number / 1e9, 2) + " GB" }
    if number >= 1e6 { return fixed(number / 1e6, 1) + " MB" }
    return fixed(number / 1e3, 1) + " kB"
  }
}
