public import ExptComponents
public import ExptTensor

/// Sprites with known factors, drawn from a seed.
public enum DrawnSprites {
  public struct Style: Sendable {
    /// Height and width in pixels.
    public var side: Int
    /// Whether the factors take dSprites' values only.
    public var onGrid: Bool
    public var isColoured: Bool
    /// Whether pixels on an edge are grey; else every pixel is on or off.
    public var isSmooth: Bool

    public init(side: Int, onGrid: Bool, isColoured: Bool, isSmooth: Bool) {
      (self.side, self.onGrid) = (side, onGrid)
      (self.isColoured, self.isSmooth) = (isColoured, isSmooth)
    }

    /// [1, side, side], or [3, side, side] in colour.
    public var shape: Shape { [isColoured ? 3 : 1, side, side] }
  }

  /// Images with the forms as labels (0 square, 1 ellipse, 2 heart) and the factors `shape`,
  /// `scale`, `rotation` (radians), `x`, `y` and, in colour, `hue`.
  ///
  /// Image i depends on `style`, `seed`, `part` and i only: not on `count`, nor on the threads. The
  /// bytes are the same on every machine.
  public static func draw(
    _ count: Int, _ style: Style, seed: UInt64, part: String, pool: ThreadPool?
  ) -> ImageSet {
    let stream = Random.stream("sprites/" + part)
    let sprites = (0..<count).map { image in
      var random = RandomSequence(seed: seed, stream: stream, position: UInt64(image))
      return Sprite(&random, grid: style.onGrid, colour: style.isColoured)
    }
    let size = style.shape.count
    let drawing = SpriteDrawing(side: style.side, pointsPerPixel: style.isSmooth ? 4 : 1)
    let bytes = [UInt8](unsafeUninitializedCapacity: count * size) { bytes, filled in
      nonisolated(unsafe) let bytes = bytes  // each task writes its own images
      let chunk = 50
      ThreadPool.run((count + chunk - 1) / chunk, on: pool) { task in
        for image in task * chunk..<min((task + 1) * chunk, count) {
          let target = bytes[image * size..<(image + 1) * size]
          drawing.draw(sprites[image], to: UnsafeMutableBufferPointer(rebasing: target))
        }
      }
      filled = count * size
    }
    return ImageSet(
      shape: style.shape, count: count, pixels: .bytes(bytes),
      labels: sprites.map { Int32($0.form.rawValue) }, factors: factors(sprites, style))
  }

  private static func factors(
    _ sprites: [Sprite], _ style: Style
  ) -> [(name: String, values: [Float])] {
    let hue = ("hue", sprites.map { Float($0.hue ?? 0) })
    return [
      ("shape", sprites.map { Float($0.form.rawValue) }),
      ("scale", sprites.map { Float($0.scale) }),
      ("rotation", sprites.map { Float($0.rotation) }),
      ("x", sprites.map { Float($0.x) }),
      ("y", sprites.map { Float($0.y) }),
    ] + (style.isColoured ? [hue] : [])
  }
}
