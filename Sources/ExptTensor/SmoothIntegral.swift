/// An exponent below which what it is the exponent of does not count beside 1.
let negligible = -36.0

/// ∫ exp(exponent)·factor over 0 ..< `reach`, of functions that are smooth and fall from near 1 at 0: by
/// Gauss's formula with 16 points, over what is left where the rest is negligible.
@inline(__always)
func smoothIntegral(
  reach: Double, _ terms: (SIMD8<Double>) -> (exponent: SIMD8<Double>, factor: SIMD8<Double>)
) -> Double {
  var reach = reach
  while true {
    let below = terms(reach * shorter).exponent .< negligible
    let kept = (0..<8).first { !below[$0] } ?? 8
    if kept > 0 { reach *= shorter[kept - 1] }
    if kept < 8 { break }
  }
  let (near, far) = (terms(reach * points), terms(reach * (1 - points)))
  let sum =
    exponential(near.exponent) * near.factor + exponential(far.exponent) * far.factor
  return (sum * weights).sum() * reach
}

/// Powers of ¾, from the first.
private let shorter: SIMD8<Double> = [
  0.75, 0.5625, 0.421875, 0.31640625, 0.2373046875, 0.177978515625, 0.13348388671875,
  0.1001129150390625,
]
private let points: SIMD8<Double> = [
  0.005299532504175033, 0.02771248846338371, 0.06718439880608412, 0.12229779582249849,
  0.19106187779867811, 0.2709916111713863, 0.35919822461037054, 0.4524937450811813,
]
private let weights: SIMD8<Double> = [
  0.013576229705877048, 0.031126761969323947, 0.04757925584124639, 0.06231448562776694,
  0.07479799440828837, 0.08457825969750127, 0.09130170752246179, 0.09472530522753425,
]

/// log x of positive, normal numbers, as `RepeatableMath.log`.
@inline(__always)
func logarithm(_ x: SIMD8<Double>) -> SIMD8<Double> {
  // x = 2^k·m with m in [√½, √2).
  let bits = unsafeBitCast(x, to: SIMD8<Int64>.self)
  let k = (bits &- 0x3fe6_a09e_667f_3bcd) &>> 52
  let m = unsafeBitCast(bits &- (k &<< 52), to: SIMD8<Double>.self)
  let s = (m - 1) / (m + 1)
  let square = s * s
  var series = SIMD8<Double>(repeating: 1.0 / 21)
  for n in stride(from: 19.0, through: 1, by: -2) { series = series * square + 1 / n }
  return SIMD8<Double>(k) * 0.693147180559945309 + 2 * s * series
}

/// eˣ, 0 below −700.
@inline(__always)
func exponential(_ x: SIMD8<Double>) -> SIMD8<Double> {
  let held = x.clamped(lowerBound: .init(repeating: -700), upperBound: .init(repeating: 700))
  let n = (held * 1.442695040888963407).rounded(.toNearestOrEven)
  let r = (held - n * 0.693147180369123816) - n * 1.90821492927058770e-10
  var series = SIMD8<Double>(repeating: 1)
  for k in stride(from: 13.0, through: 1, by: -1) { series = series * r * (1 / k) + 1 }
  let scale = unsafeBitCast((SIMD8<Int64>(n) &+ 1023) &<< 52, to: SIMD8<Double>.self)
  return (series * scale).replacing(with: 0, where: x .< -700)
}
