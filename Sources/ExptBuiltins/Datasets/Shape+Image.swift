import ExptComponents
import ExptFiles
import ExptTensor

extension Shape {
  /// The shape of an image, `[channels, height, width]`, as a file's header claims it.
  ///
  /// - Throws: `malformed` if an image would have no value, or more than 64 Mi of them.
  static func image(_ sizes: [Int], title: String) throws(DataProblem) -> Shape {
    guard let count = checkedProduct(sizes), (1...mostImageValues).contains(count) else {
      let written = sizes.map(String.init).joined(separator: "×")
      throw DataProblem(
        .malformed,
        "\(title): holds images of \(written) (channels×height×width), and an image has from 1 to "
          + "\(mostImageValues) values")
    }
    return Shape(sizes)
  }

  private static let mostImageValues = 64 << 20
}
