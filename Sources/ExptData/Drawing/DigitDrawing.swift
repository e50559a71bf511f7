internal import ExptTensor

/// Draws one digit as somebody might write it: a shape of `DigitShapes` whose points are moved about,
/// bent, slanted, turned and stretched, then scaled to fit and drawn with a pen of some width.
///
/// As in MNIST the longer side of the digit takes about 20 of 28 pixels and its middle lies near the
/// middle of the image.
struct DigitDrawing {
  private var canvas: Canvas

  init(side: Int) { canvas = Canvas(side: side) }

  /// Draws into `bytes`, side · side of them, and returns the digit. What is drawn depends on
  /// `random` alone.
  mutating func draw(_ random: RandomSequence, to bytes: UnsafeMutableBufferPointer<UInt8>) -> Int32
  {
    var random = random
    let digit = random.below(10)
    let shapes = DigitShapes.all[digit]
    let shape = shapes[random.below(shapes.count)]
    let hand = Hand(&random)
    let moved = shape.map { stroke in stroke.points.map { hand.move($0, &random) } }
    // Four pieces between two points look smooth at 28 pixels.
    let pieces = max(4, canvas.side / 7)
    let lines = zip(shape, moved).map { $0.flattened($1, pieces: pieces) }
    let fit = Fit(lines, side: Float(canvas.side), &random)
    let pixel = Float(canvas.side) / 28
    let radius = (0.75 + 0.75 * random.fraction() + 0.35 * random.fraction()) * pixel
    canvas.clear()
    for line in lines {
      let points = pressed(line.map(fit.place), radius: radius, &random)
      for (start, end) in zip(points, points.dropFirst()) {
        canvas.drawLine(from: start, to: end, softness: 1.2 * pixel)
      }
      if points.count == 1 {
        canvas.drawLine(from: points[0], to: points[0], softness: 1.2 * pixel)
      }
    }
    canvas.write(darkness: 0.9 + 0.15 * random.fraction(), to: bytes)
    return Int32(digit)
  }

  /// The pen's radius changes along the line, by up to a fifth, evenly from start to end and again
  /// towards the middle.
  private func pressed(
    _ line: [SIMD2<Float>], radius: Float, _ random: inout RandomSequence
  ) -> [Canvas.Point] {
    let (lean, bulge) = (0.15 * random.bell(), 0.2 * random.bell())
    let last = Float(max(1, line.count - 1))
    return line.enumerated().map { index, place in
      let along = 2 * Float(index) / last - 1
      return Canvas.Point(
        place: place, radius: radius * (1 + lean * along + bulge * (1 - along * along)))
    }
  }

  /// How somebody writes this time.
  private struct Hand {
    private let unsteadiness: Float
    private let bend: SIMD2<Float>
    private let column: SIMD2<Float>
    private let otherColumn: SIMD2<Float>

    init(_ random: inout RandomSequence) {
      unsteadiness = 4 + 8 * random.fraction()
      bend = SIMD2(random.bell(), random.bell()) * 0.006
      let slant = 0.12 + 0.6 * random.bell()
      let width = 1 + 0.4 * random.bell()
      // A turn by 2·atan(turn), without sine and cosine.
      let turn = 0.16 * random.bell()
      let square = turn * turn
      let (cosine, sine) = ((1 - square) / (1 + square), 2 * turn / (1 + square))
      column = SIMD2(cosine, sine) * width
      otherColumn = SIMD2(cosine * -slant - sine, sine * -slant + cosine)
    }

    /// A point of a shape, from 0 … 100 to around 0.
    func move(_ point: SIMD2<Float>, _ random: inout RandomSequence) -> SIMD2<Float> {
      let jitter = SIMD2(random.bell(), random.bell()) * unsteadiness
      let p = point - 50 + jitter
      let bent = SIMD2(p.x + bend.x * p.y * p.y, p.y + bend.y * p.x * p.x)
      return column * bent.x + otherColumn * bent.y
    }
  }

  /// Where on the sheet the digit stands.
  private struct Fit {
    private let scale: Float
    private let shift: SIMD2<Float>

    init(_ lines: [[SIMD2<Float>]], side: Float, _ random: inout RandomSequence) {
      var (low, high) = (SIMD2<Float>(1000, 1000), SIMD2<Float>(-1000, -1000))
      for line in lines {
        for point in line {
          low = SIMD2(min(low.x, point.x), min(low.y, point.y))
          high = SIMD2(max(high.x, point.x), max(high.y, point.y))
        }
      }
      let size = max(high.x - low.x, high.y - low.y, 1)
      // The lines' middles: the pen adds its width, which makes about 20 pixels of 28.
      scale = side * (0.62 + 0.07 * random.bell()) / size
      let middle = (low + high) * 0.5
      let drift = SIMD2(random.bell(), random.bell()) * (0.045 * side)
      shift = SIMD2(side * 0.5, side * 0.5) + drift - middle * scale
    }

    func place(_ point: SIMD2<Float>) -> SIMD2<Float> { point * scale + shift }
  }
}
