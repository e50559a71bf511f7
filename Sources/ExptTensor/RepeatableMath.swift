/// Functions for schedules, constants and first values, from the four operations alone: libm's differ in
/// the last bit from system to system, and a run must not.
public enum RepeatableMath {
  /// The natural logarithm of a positive, normal number. The error is below 2e-15, relative to the
  /// larger of 1 and the result.
  public static func log(_ x: Double) -> Double {
    // x = 2^exponent · m with m in [√½, √2); log m = 2·artanh(s), s = (m − 1)/(m + 1), |s| < 0.172.
    var exponent = Double(x.exponent)
    var m = x.significand
    if m > 2.0.squareRoot() {
      m /= 2
      exponent += 1
    }
    let s = (m - 1) / (m + 1)
    var series = 0.0
    for n in stride(from: 23.0, through: 1, by: -2) { series = series * s * s + 1 / n }
    return exponent * 0.693147180559945309 + 2 * s * series
  }

  /// eˣ, infinite above the largest number and 0 below the smallest normal one. The error is below 1e-15,
  /// relative to the result, for x near 0, and grows by 2e-16 for each unit of |x|.
  public static func exp(_ x: Double) -> Double {
    guard x < 709 else { return x.isNaN ? x : .infinity }
    guard x > -708 else { return 0 }
    // x = n·log 2 + r with |r| < 0.35.
    let n = (x * 1.442695040888963407).rounded()
    let r = (x - n * 0.693147180369123816) - n * 1.90821492927058770e-10
    var series = 0.0
    for k in stride(from: 17.0, through: 1, by: -1) { series = 1 + series * r / k }
    return series * Double(sign: .plus, exponent: Int(n), significand: 1)
  }

  /// `base`, at least 0, to any power of at least 0.
  public static func power(_ base: Double, _ exponent: Double) -> Double {
    if let whole = Int(exactly: exponent), whole >= 0 { return power(base, whole) }
    return base > 0 ? exp(exponent * log(base)) : 0
  }

  /// log Γ(x) of a positive x, by Γ(x + 1) = x·Γ(x) to 10 and beyond and Stirling's series from there. The
  /// error is below 1e-14, relative to the larger of 1 and the result.
  public static func logGamma(_ x: Double) -> Double {
    var (z, product) = (x, 1.0)
    while z < 10 {
      product *= z
      z += 1
    }
    let square = 1 / (z * z)
    var series = 0.0
    for coefficient in [
      1.0 / 156, -691.0 / 360_360, 1.0 / 1188, -1.0 / 1680, 1.0 / 1260, -1.0 / 360, 1.0 / 12,
    ] {
      series = series * square + coefficient
    }
    return (z - 0.5) * log(z) - z + 0.918938533204672742 + series / z - log(product)
  }

  /// log(p / (1 − p)).
  public static func logit(_ p: Double) -> Double { log(p / (1 - p)) }

  /// `base` to a whole power of at least 0, by squaring.
  public static func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var square = base
    var rest = max(0, exponent)
    while rest > 0 {
      if rest % 2 == 1 { result *= square }
      square *= square
      rest /= 2
    }
    return result
  }

  /// cos(π·x) for x from 0 to 1; its error is below 1e-15.
  public static func cosineOfPi(_ x: Double) -> Double {
    if x > 0.5 { return -cosineOfPi(1 - x) }
    // cos(2a) = 1 − 2·sin²(a), with a = π·x / 2 at most π/4.
    let a = x * (Double.pi / 2)
    let square = a * a
    var sine = 0.0
    // Taylor's series from the smallest term: a·(1 − a²/(2·3)·(1 − a²/(4·5)·(1 − …))).
    for n in stride(from: 16.0, through: 2, by: -2) { sine = square / (n * (n + 1)) * (1 - sine) }
    sine = a * (1 - sine)
    return 1 - 2 * sine * sine
  }
}
