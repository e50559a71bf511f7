/// Functions that schedules need, made of additions and multiplications alone: libm's differ in
/// the last bit from system to system, and a run must not.
enum RepeatableMath {
  /// `base` to a whole power of at least 0, by squaring.
  static func power(_ base: Double, _ exponent: Int) -> Double {
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
  static func cosineOfPi(_ x: Double) -> Double {
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
