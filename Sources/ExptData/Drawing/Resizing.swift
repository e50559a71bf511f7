/// Changes the size of one channel of an image. Only exactly rounded arithmetic: the same bytes on
/// every machine.
public enum Resizing {
  public enum Method: Sendable {
    /// The mean of the area that a new pixel covers: right for making images smaller.
    case box
    /// Between the four nearest pixels, as their centres lie: right for making them larger.
    case bilinear
  }

  /// Shapes: `plane` [from.height, from.width]; the result [to.height, to.width].
  public static func resize(
    _ plane: [UInt8], from: (height: Int, width: Int), to: (height: Int, width: Int),
    _ method: Method
  ) -> [UInt8] {
    precondition(plane.count == from.height * from.width, "\(plane.count) pixels are not \(from)")
    if from == to { return plane }
    let columns = weights(from: from.width, to: to.width, method)
    let rows = weights(from: from.height, to: to.height, method)
    // First every row to its new width, then every column to its new height.
    var narrow = [Float](repeating: 0, count: from.height * to.width)
    for y in 0..<from.height {
      for x in 0..<to.width {
        var sum: Float = 0
        for (index, weight) in columns[x] { sum += weight * Float(plane[y * from.width + index]) }
        narrow[y * to.width + x] = sum
      }
    }
    var result = [UInt8](repeating: 0, count: to.height * to.width)
    for y in 0..<to.height {
      for x in 0..<to.width {
        var sum: Float = 0
        for (index, weight) in rows[y] { sum += weight * narrow[index * to.width + x] }
        result[y * to.width + x] = UInt8(min(max(sum + 0.5, 0), 255))
      }
    }
    return result
  }

  /// For each new pixel along one axis, the old pixels that it is made of and their shares.
  private static func weights(
    from old: Int, to new: Int, _ method: Method
  ) -> [[(index: Int, weight: Float)]] {
    let scale = Double(old) / Double(new)
    return (0..<new).map { pixel in
      switch method {
      case .box:
        let (start, end) = (Double(pixel) * scale, Double(pixel + 1) * scale)
        return (Int(start)..<min(old, Int(end.rounded(.up)))).map { index in
          let covered = min(end, Double(index + 1)) - max(start, Double(index))
          return (index, Float(covered / scale))
        }
      case .bilinear:
        let place = min(max((Double(pixel) + 0.5) * scale - 0.5, 0), Double(old - 1))
        let first = min(Int(place), old - 1)
        let share = place - Double(first)
        return [(first, Float(1 - share)), (min(first + 1, old - 1), Float(share))]
      }
    }
  }
}
