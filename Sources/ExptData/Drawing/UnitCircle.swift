/// Points of the unit circle, without the C library, whose sine and cosine differ in their last bits
/// from one machine to the next.
enum UnitCircle {
  /// Cosine and sine of an angle in turns (1 is a whole turn), to within 10⁻¹².
  static func point(turns: Double) -> (cosine: Double, sine: Double) {
    let quarters = (turns * 4).rounded()
    let angle = (turns * 4 - quarters) * (Double.pi / 2)  // −π/4 … π/4
    let (cosine, sine) = (series(angle, from: 0), series(angle, from: 1))
    switch Int(quarters.truncatingRemainder(dividingBy: 4) + 4) % 4 {
    case 0: return (cosine, sine)
    case 1: return (-sine, cosine)
    case 2: return (-cosine, -sine)
    default: return (sine, -cosine)
    }
  }

  /// Taylor's series of the cosine (from 0) or the sine (from 1).
  private static func series(_ x: Double, from start: Int) -> Double {
    var term = start == 0 ? 1 : x
    var sum = term
    for n in stride(from: start + 2, through: start + 14, by: 2) {
      term = -term * x * x / Double(n * (n - 1))
      sum += term
    }
    return sum
  }
}
