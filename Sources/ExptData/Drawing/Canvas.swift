/// A square sheet of grey values that a round, soft pen draws on.
///
/// Bytes stay the same on every machine: only `+ − × ÷` and `√` are used, which IEEE 754 rounds
/// exactly, written out in a fixed order (Swift neither reorders them nor fuses them into
/// multiply-adds), and the result is rounded to bytes once.
struct Canvas {
  /// Pixels along a side. Pixel (0, 0) reaches from 0 to 1 in both directions, y down.
  let side: Int
  private var ink: [Float]

  init(side: Int) {
    self.side = side
    ink = [Float](repeating: 0, count: side * side)
  }

  mutating func clear() {
    for index in ink.indices { ink[index] = 0 }
  }

  /// A point of a line, in pixels, and the pen's radius there.
  struct Point {
    var place: SIMD2<Float>
    var radius: Float
  }

  /// Draws a straight line. Ink is 1 inside the pen, falls to 0 over `softness` pixels around its
  /// edge, and where lines meet the darker one counts.
  mutating func drawLine(from start: Point, to end: Point, softness: Float) {
    let way = end.place - start.place
    let square = way.x * way.x + way.y * way.y
    let scale = square > 0 ? 1 / square : 0
    let reach = max(start.radius, end.radius) + softness * 0.5
    let columns = pixels(
      from: min(start.place.x, end.place.x), to: max(start.place.x, end.place.x), reach)
    let rows = pixels(
      from: min(start.place.y, end.place.y), to: max(start.place.y, end.place.y), reach)
    let slope = 1 / softness
    let widening = end.radius - start.radius
    ink.withUnsafeMutableBufferPointer { ink in
      for row in rows {
        let y = Float(row) + 0.5 - start.place.y
        for column in columns {
          let x = Float(column) + 0.5 - start.place.x
          let along = min(max((x * way.x + y * way.y) * scale, 0), 1)
          let (dx, dy) = (x - along * way.x, y - along * way.y)
          let distance = (dx * dx + dy * dy).squareRoot()
          let value = 0.5 + (start.radius + along * widening - distance) * slope
          let place = row &* side &+ column
          ink[place] = max(ink[place], min(value, 1))
        }
      }
    }
  }

  /// The rows, or columns, that something between `low` and `high` can touch.
  private func pixels(from low: Float, to high: Float, _ reach: Float) -> Range<Int> {
    let size = Float(side)
    let first = Int(min(max(low - reach - 0.5, 0), size))
    let end = Int(min(max(high + reach + 1.5, 0), size))
    return first..<max(first, end)
  }

  /// Writes the ink as bytes; `darkness` 1 makes full ink 255.
  func write(darkness: Float, to bytes: UnsafeMutableBufferPointer<UInt8>) {
    ink.withUnsafeBufferPointer { ink in
      for place in ink.indices {
        bytes[place] = UInt8(min(max(ink[place] * darkness, 0), 1) * 255 + 0.5)
      }
    }
  }
}
