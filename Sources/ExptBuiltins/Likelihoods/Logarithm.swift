/// The natural logarithm of a positive, normal number, from the four operations alone: libm's
/// differs in the last bit from system to system, and first parameter values must not.
///
/// The error is below 2e-15, relative to the larger of 1 and the result.
func repeatableLog(_ x: Double) -> Double {
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

/// log(p / (1 − p)).
func repeatableLogit(_ p: Double) -> Double { repeatableLog(p / (1 - p)) }
