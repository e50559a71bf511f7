internal import ExptTensor

/// A sprite and where it stands: the factors that an image is made from.
struct Sprite {
  enum Form: Int, CaseIterable { case square, ellipse, heart }

  var form: Form
  /// 0.5 … 1.
  var scale: Double
  /// Radians, 0 ..< 2π, clockwise as the image is seen.
  var rotation: Double
  /// 0 … 1, from the left.
  var x: Double
  /// 0 … 1, from the top.
  var y: Double
  /// 0 ..< 1 around the circle of colours, from red; nil for white.
  var hue: Double?

  /// Draws the factors; with `grid`, the values of dSprites: 6 scales, 40 rotations, 32 × 32 places
  /// (and 8 hues).
  init(_ random: inout RandomSequence, grid: Bool, colour: Bool) {
    form = Form.allCases[random.below(Form.allCases.count)]
    if grid {
      scale = 0.5 + Double(random.below(6)) / 10
      rotation = Double(random.below(40)) / 40 * (2 * Double.pi)
      x = Double(random.below(32)) / 31
      y = Double(random.below(32)) / 31
      hue = colour ? Double(random.below(8)) / 8 : nil
    } else {
      scale = 0.5 + 0.5 * Double(random.fraction())
      rotation = Double(random.fraction()) * (2 * Double.pi)
      x = Double(random.fraction())
      y = Double(random.fraction())
      hue = colour ? Double(random.fraction()) : nil
    }
  }
}

/// Draws sprites on a square sheet.
///
/// Bytes stay the same on every machine: only `+ − × ÷`, in Double and a fixed order, and a test of
/// which points lie inside; see `UnitCircle` for the rotation.
struct SpriteDrawing {
  let side: Int
  /// Points tested in each pixel, along each axis: 1 gives pixels that are on or off.
  let pointsPerPixel: Int

  /// Writes [1, side, side] values, or [3, side, side] for a sprite with a hue.
  func draw(_ sprite: Sprite, to bytes: UnsafeMutableBufferPointer<UInt8>) {
    let levels = sprite.hue.map(Self.colour) ?? [255]
    bytes.update(repeating: 0)
    let size = Double(side)
    // A sprite of scale 1 reaches at most a quarter of the side from its middle, which therefore
    // stays a quarter away from the edges.
    let reach = 0.25 * size * sprite.scale
    let (middleX, middleY) = (size * (0.25 + 0.5 * sprite.x), size * (0.25 + 0.5 * sprite.y))
    let (cosine, sine) = UnitCircle.point(turns: sprite.rotation / (2 * Double.pi))
    let (stepU, stepV) = (cosine / reach, sine / reach)
    // Most pixels lie wholly outside the circle around the form, or wholly inside a circle in it,
    // and need not be looked at point by point. Half a pixel's diagonal is less than 0.71.
    let outer = (1 + 0.71 / reach) * (1 + 0.71 / reach)
    let gap = max(0, sprite.form.innerRadius - 0.71 / reach)
    let inner = gap * gap
    for row in range(middleY, reach) {
      for column in range(middleX, reach) {
        let (x, y) = (Double(column) - middleX, Double(row) - middleY)
        let (u, v) = (stepU * (x + 0.5) + stepV * (y + 0.5), stepU * (y + 0.5) - stepV * (x + 0.5))
        let square = u * u + v * v
        if square > outer { continue }
        let share =
          square < inner
          ? 1
          : share { offsetX, offsetY in
            let (x, y) = (x + offsetX, y + offsetY)
            return sprite.form.contains(stepU * x + stepV * y, stepU * y - stepV * x)
          }
        for (channel, level) in levels.enumerated() {
          bytes[(channel * side + row) * side + column] = UInt8(share * level + 0.5)
        }
      }
    }
  }

  /// The share of a pixel's points that lie inside, each given from the pixel's corner.
  @inline(__always)
  private func share(_ isInside: (_ x: Double, _ y: Double) -> Bool) -> Double {
    let step = 1 / Double(pointsPerPixel)
    var inside = 0
    for row in 0..<pointsPerPixel {
      for column in 0..<pointsPerPixel
      where isInside((Double(column) + 0.5) * step, (Double(row) + 0.5) * step) {
        inside += 1
      }
    }
    return Double(inside) * step * step
  }

  private func range(_ middle: Double, _ reach: Double) -> Range<Int> {
    max(0, Int(middle - reach) - 1)..<min(side, Int(middle + reach) + 2)
  }

  /// Full, saturated colours: red, yellow, green, cyan, blue, magenta at sixths of the circle.
  private static func colour(_ hue: Double) -> [Double] {
    [0.0, 2, 4].map { offset in
      var distance = hue * 6 - offset
      if distance > 3 { distance -= 6 }
      return min(max(2 - abs(distance), 0), 1) * 255
    }
  }
}

extension Sprite.Form {
  /// A circle of this radius around the middle lies inside the form.
  var innerRadius: Double {
    switch self {
    case .square: 0.7
    case .ellipse: 0.5
    case .heart: 0.54
    }
  }

  /// Whether a point lies inside the form, which fits into the circle of radius 1; v points down.
  func contains(_ u: Double, _ v: Double) -> Bool {
    switch self {
    case .square: return abs(u) <= 0.7 && abs(v) <= 0.7
    case .ellipse: return u * u + v * v * 4 <= 1
    case .heart:
      // (x² + y² − 1)³ ≤ x² y³, whose centre of mass lies at y = 0.2935, at most 1.2935 from its edge.
      let (x, y) = (u * 1.3, 0.2935 - v * 1.3)
      let ring = x * x + y * y - 1
      return ring * ring * ring <= x * x * y * y * y
    }
  }
}
