public import ExptFiles
public import ExptTensor

extension Pictures {
  /// Images, below each its codes, a colour for each number, and below these its reconstruction.
  ///
  /// - Parameters:
  ///   - codes: `[images, depth, height, width]`, as `grid` says; of more than four maps the first four are
  ///     shown. Codes of a vector, which has no places, stand side by side.
  public static func codes(
    _ images: [Float], _ codes: [Int32], grid: Shape, reconstructions: [Float], shape: Shape
  ) -> Image8 {
    let count = shape.count > 0 ? images.count / shape.count : 0
    let isMap = grid.count(from: 1) > 1
    let maps: Shape = isMap ? grid : [1, 1, grid[0]]
    var rows = (0..<count).flatMap { coloured(images, shape, $0) }
    for depth in 0..<min(4, maps[0]) {
      rows += (0..<count).flatMap { image -> [Float] in
        let start = image * grid.count + depth * maps.count(from: 1)
        return codeMap(codes[start..<start + maps.count(from: 1)], maps, shape)
      }
    }
    rows += (0..<count).flatMap { coloured(reconstructions, shape, $0) }
    return self.grid(rows, shape: [3, shape[1], shape[2]], columns: count)
  }

  /// What codes stand for: of each the mean of the images around the places where it was chosen, three
  /// places wide and high; of codes that have no places, of the whole images. Codes of the first map count.
  ///
  /// - Parameter order: The codes to show.
  public static func surroundings(
    _ images: [Float], _ codes: [Int32], grid: Shape, shape: Shape, order: [Int]
  ) -> Image8 {
    let count = shape.count > 0 ? images.count / shape.count : 0
    let hasPlaces = grid.count(from: 1) > 1
    let cell = (height: shape[1] / max(1, grid[1]), width: shape[2] / max(1, grid[2]))
    let height = hasPlaces ? min(shape[1], 3 * max(1, cell.height)) : shape[1]
    let width = hasPlaces ? min(shape[2], 3 * max(1, cell.width)) : shape[2]
    let window: Shape = [shape[0], height, width]
    let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    var sums = [Float](repeating: 0, count: order.count * window.count)
    var seen = [Float](repeating: 0, count: order.count)
    for image in 0..<count {
      for place in 0..<grid.count(from: 1) {
        guard let number = places[Int(codes[image * grid.count + place])] else { continue }
        seen[number] += 1
        // The middle of the place, at the middle of the window.
        let top = (2 * (place / grid[2]) + 1) * shape[1] / (2 * grid[1]) - height / 2
        let left = (2 * (place % grid[2]) + 1) * shape[2] / (2 * grid[2]) - width / 2
        for target in 0..<window.count {
          let y = top + target / width % height
          let x = left + target % width
          guard (0..<shape[1]).contains(y), (0..<shape[2]).contains(x) else { continue }
          let channel = target / (height * width)
          sums[number * window.count + target] +=
            images[image * shape.count + (channel * shape[1] + y) * shape[2] + x]
        }
      }
    }
    for target in sums.indices { sums[target] /= max(1, seen[target / window.count]) }
    return square(sums, shape: window)
  }

  /// Patterns as images, each with its own scale, on which grey is 0.
  ///
  /// - Parameter order: Those to show.
  public static func patterns(_ patterns: [Float], shape: Shape, order: [Int]) -> Image8 {
    let size = shape.count
    let images = order.flatMap { pattern -> [Float] in
      let values = patterns[pattern * size..<(pattern + 1) * size]
      let greatest = values.reduce(Float.leastNormalMagnitude) { max($0, abs($1)) }
      return values.map { 0.5 + 0.5 * $0 / greatest }
    }
    return square(images, shape: shape)
  }

  /// One of several images in three channels.
  private static func coloured(_ images: [Float], _ shape: Shape, _ image: Int) -> [Float] {
    let area = shape[1] * shape[2]
    let start = image * shape.count
    return (0..<3).flatMap { channel in
      let first = start + (shape[0] == 3 ? channel * area : 0)
      return images[first..<first + area]
    }
  }

  private static func codeMap(_ codes: ArraySlice<Int32>, _ maps: Shape, _ shape: Shape) -> [Float]
  {
    let (height, width) = (shape[1], shape[2])
    let colours = codes.map(colour)
    return (0..<3).flatMap { channel in
      (0..<height * width).map { place in
        let y = place / width * maps[1] / height
        let x = place % width * maps[2] / width
        return colours[y * maps[2] + x][channel]
      }
    }
  }

  /// Red, green and blue of a number: neighbours look different.
  private static func colour(_ code: Int32) -> [Float] {
    let turn = Float(Int(code) * 40503 % 65536) / 65536 * 6
    let bright: Float = [0.95, 0.7, 0.5][Int(code) % 3]
    return ([0, 4, 2] as [Float]).map { shift in
      let place = (turn + shift).truncatingRemainder(dividingBy: 6)
      let share = max(0, min(1, abs(place - 3) - 1))
      return bright * (0.25 + 0.75 * share)
    }
  }
}
