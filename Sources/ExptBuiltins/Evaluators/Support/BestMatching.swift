/// Pairs of rows and columns, each in one pair at most, whose gains have the greatest sum.
///
/// Source: the Hungarian method by shortest augmenting paths, Jonker & Volgenant, "A Shortest Augmenting Path
/// Algorithm for Dense and Sparse Linear Assignment Problems", Computing 38, 1987. O(rows²·columns).
struct BestMatching {
  /// The column of each row; nil where there are fewer columns than rows and it has none.
  private(set) var columnOfRow: [Int?]
  /// The sum of the gains of the pairs.
  private(set) var total = 0.0

  /// - Parameter gains: `[rows, columns]`, finite.
  init(gains: [Double], rows: Int, columns: Int) {
    guard rows <= columns else {
      let turned = (0..<columns).flatMap { column in (0..<rows).map { gains[$0 * columns + column] }
      }
      let other = BestMatching(gains: turned, rows: columns, columns: rows)
      columnOfRow = Array(repeating: nil, count: rows)
      for (column, row) in other.columnOfRow.enumerated() {
        if let row { columnOfRow[row] = column }
      }
      total = other.total
      return
    }
    // Columns from 1; column 0 holds the row that is being placed. Costs are −gains.
    var owner = [Int](repeating: -1, count: columns + 1)
    var (rowPrice, columnPrice) = (
      [Double](repeating: 0, count: rows), [Double](repeating: 0, count: columns + 1)
    )
    for row in 0..<rows {
      owner[0] = row
      var least = [Double](repeating: .infinity, count: columns + 1)
      var before = [Int](repeating: 0, count: columns + 1)
      var isUsed = [Bool](repeating: false, count: columns + 1)
      var column = 0
      repeat {
        isUsed[column] = true
        let current = owner[column]
        var (step, next) = (Double.infinity, 0)
        for other in 1...columns where !isUsed[other] {
          let cost = -gains[current * columns + other - 1] - rowPrice[current] - columnPrice[other]
          if cost < least[other] { (least[other], before[other]) = (cost, column) }
          if least[other] < step { (step, next) = (least[other], other) }
        }
        for other in 0...columns {
          if isUsed[other] {
            rowPrice[owner[other]] += step
            columnPrice[other] -= step
          } else {
            least[other] -= step
          }
        }
        column = next
      } while owner[column] >= 0
      while column != 0 {
        owner[column] = owner[before[column]]
        column = before[column]
      }
    }
    columnOfRow = Array(repeating: nil, count: rows)
    for column in 1..<columns + 1 where owner[column] >= 0 {
      columnOfRow[owner[column]] = column - 1
      total += gains[owner[column] * columns + column - 1]
    }
  }
}
