/// A decimal number as people and programs write it, read the same on every machine: `-12.5`, `.5`, `1e-3`.
///
/// No infinity, no NaN, no hexadecimal digits and no separators of thousands.
public struct DecimalNumber: Sendable, Hashable {
  /// The nearest Double.
  public let value: Double
  /// Digits behind the point; nil with an exponent.
  public let decimals: Int?

  /// - Parameter point: The byte between whole and other digits.
  public init?(_ text: UnsafeRawBufferPointer, point: UInt8 = 0x2e) {
    var place = 0
    var isNegative = false
    if let sign = text.first, sign == 0x2d || sign == 0x2b {
      (isNegative, place) = (sign == 0x2d, 1)
    }
    var (digits, fraction, mantissa, isExact) = (0, 0, UInt64(0), true)
    var isBehindPoint = false
    while place < text.count {
      let byte = text[place]
      if byte == point, !isBehindPoint {
        isBehindPoint = true
      } else if (0x30...0x39).contains(byte) {
        digits += 1
        if isBehindPoint { fraction += 1 }
        let (product, overflow) = mantissa.multipliedReportingOverflow(by: 10)
        isExact = isExact && !overflow && product < 1 << 53
        mantissa = isExact ? product + UInt64(byte - 0x30) : mantissa
      } else {
        break
      }
      place += 1
    }
    guard digits > 0 else { return nil }
    let hasExponent = place < text.count
    if hasExponent {
      guard Self.isExponent(UnsafeRawBufferPointer(rebasing: text[place...])) else { return nil }
    }
    decimals = hasExponent ? nil : fraction
    // Both numbers are exact, and so the quotient is the nearest Double.
    if isExact, mantissa <= 1 << 53, !hasExponent, fraction <= 22 {
      let power = (0..<fraction).reduce(1.0) { power, _ in power * 10 }
      value = (isNegative ? -1 : 1) * (Double(mantissa) / power)
      return
    }
    let written = String(decoding: text, as: UTF8.self)
    let standard = point == 0x2e ? written : written.map { $0 == "," ? "." : "\($0)" }.joined()
    guard let number = Double(standard), number.isFinite else { return nil }
    value = number
  }

  public init?(_ text: String, point: UInt8 = 0x2e) {
    guard let number = Array(text.utf8).withUnsafeBytes({ DecimalNumber($0, point: point) }) else {
      return nil
    }
    self = number
  }

  /// `e-3`, `E+10`.
  private static func isExponent(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let e = text.first, e == 0x65 || e == 0x45 else { return false }
    let rest = text.dropFirst()
    let digits = rest.first == 0x2d || rest.first == 0x2b ? rest.dropFirst() : rest
    return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
  }
}
