/// A drawing of dots, 2 × 4 in each character.
struct BrailleCanvas {
  let columns: Int
  let rows: Int
  /// The dots of each character, by Unicode's numbering, and whose curve it is.
  private var cells: [(dots: UInt8, owner: Int?)]

  /// - Parameters: The size in characters.
  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    cells = Array(repeating: (0, nil), count: columns * rows)
  }

  var width: Int { columns * 2 }
  var height: Int { rows * 4 }

  /// Sets the dot at (x, y), from the upper left; outside nothing happens.
  mutating func dot(_ x: Int, _ y: Int, owner: Int? = nil) {
    guard (0..<width).contains(x), (0..<height).contains(y) else { return }
    // Dots 1, 2, 3, 7 run down the left side and 4, 5, 6, 8 down the right.
    let bit: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
    let place = y / 4 * columns + x / 2
    cells[place].dots |= bit[x % 2][y % 4]
    cells[place].owner = owner
  }

  /// A line from one dot to another (Bresenham).
  mutating func line(from a: (x: Int, y: Int), to b: (x: Int, y: Int), owner: Int? = nil) {
    let (dx, dy) = (abs(b.x - a.x), -abs(b.y - a.y))
    let (stepX, stepY) = (a.x < b.x ? 1 : -1, a.y < b.y ? 1 : -1)
    var (x, y, error) = (a.x, a.y, dx + dy)
    while true {
      dot(x, y, owner: owner)
      if x == b.x && y == b.y { return }
      let twice = 2 * error
      if twice >= dy { (error, x) = (error + dy, x + stepX) }
      if twice <= dx { (error, y) = (error + dx, y + stepY) }
    }
  }

  /// The character at a place, and whose it is; a blank if there is no dot.
  func character(column: Int, row: Int) -> (character: Character, owner: Int?) {
    let cell = cells[row * columns + column]
    guard cell.dots != 0, let scalar = Unicode.Scalar(0x2800 + UInt32(cell.dots)) else {
      return (" ", nil)
    }
    return (Character(scalar), cell.owner)
  }
}
