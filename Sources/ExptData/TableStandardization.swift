import ExptComponents
import ExptTensor

/// Brings the numeric columns of a table to mean 0 and variance 1 over the training rows, and measures the
/// logarithms of counts, by which an encoder sees them.
///
/// Only observed cells count, and missing ones stay 0: the mean. Sums are taken in Double and in the order
/// of the rows, so the numbers are the same on every machine.
struct TableStandardization {
  /// With the means and scales of the training rows.
  private let table: TableColumns
  let notes: [String]

  init(_ images: ImageSet, _ table: TableColumns, _ train: Range<Int>) {
    var (table, constant) = (table, [String]())
    let values = images.pixels.floats
    for (number, column) in table.columns.enumerated() {
      guard column.kind == .count || (column.kind == .numeric && table.standardizes) else {
        continue
      }
      var (sum, squares, count) = (0.0, 0.0, 0)
      func each(_ body: (Double) -> Void) {
        for image in train {
          let first = image * images.shape.count
          for place in table.values(of: number) where images.isObserved(first + place) {
            let value = Double(values[first + place])
            body(column.kind == .count ? RepeatableMath.log(1 + max(0, value)) : value)
          }
        }
      }
      each { (sum, count) = (sum + $0, count + 1) }
      let mean = count > 0 ? sum / Double(count) : 0
      each { squares += ($0 - mean) * ($0 - mean) }
      let scale = (squares / Double(max(1, count))).squareRoot()
      table.columns[number].mean = mean
      // Rounding alone gives a constant column some variance.
      let isConstant = scale <= abs(mean) * 1e-7
      table.columns[number].scale = isConstant ? 1 : scale
      if isConstant, !train.isEmpty { constant.append("'\(column.name)'") }
    }
    self.table = table
    let lead = images.source.map { "\($0): " } ?? ""
    notes =
      constant.isEmpty
      ? []
      : [
        "\(lead)the same in every training row, and so nothing to learn from: \(constant.joined(separator: ", "))"
      ]
  }

  func apply(to images: ImageSet) -> ImageSet {
    var (images, values) = (images, images.pixels.floats)
    images.table = table
    guard table.standardizes, images.count > 0 else { return images }
    let size = images.shape.count
    for (number, column) in table.columns.enumerated() where column.kind == .numeric {
      for start in stride(from: 0, to: values.count, by: max(1, size)) {
        for place in table.values(of: number) where images.isObserved(start + place) {
          let value = Double(values[start + place])
          values[start + place] = Float((value - column.mean) / column.scale)
        }
      }
    }
    images.pixels = .floats(values)
    return images
  }
}

extension ImageSet {
  /// Whether a value is observed, by its place among all.
  fileprivate func isObserved(_ place: Int) -> Bool {
    guard let observed, place < observed.count else { return true }
    return observed[place] != 0
  }
}
