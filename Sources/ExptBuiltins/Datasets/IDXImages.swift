import ExptComponents
import ExptFiles
import ExptTensor

/// Images and labels from a pair of IDX files.
enum IDXImages {
  /// Images [n, height, width], or [n, channels, height, width] with 1 or 3 channels; labels [n].
  static func read(images: String, labels: String?) throws(DataProblem) -> ImageSet {
    let file = try DataProblem.translating { () throws(FileProblem) in try IDX.read(images) }
    let shape = file.shape
    guard shape.count == 3 || (shape.count == 4 && [1, 3].contains(shape[1])) else {
      throw DataProblem(
        .malformed,
        "\(images): holds an array of \(Shape(shape)), where images are n×height×width or "
          + "n×channels×height×width with 1 or 3 channels")
    }
    guard file.values.count > 0 else {
      throw DataProblem(.malformed, "\(images): holds no images (\(Shape(shape)))")
    }
    var set = ImageSet(
      shape: shape.count == 3 ? [1, shape[1], shape[2]] : Shape(Array(shape[1...])),
      count: shape[0], pixels: .bytes(file.values))
    if let labels { set.labels = try readLabels(labels, count: set.count, images: images) }
    return set
  }

  private static func readLabels(
    _ path: String, count: Int, images: String
  ) throws(DataProblem) -> [Int32] {
    let file = try DataProblem.translating { () throws(FileProblem) in try IDX.read(path) }
    guard file.shape == [count] else {
      throw DataProblem(
        .malformed,
        "\(path): holds an array of \(Shape(file.shape)), where \(count) labels are needed for the "
          + "\(count) images of \(images)")
    }
    return file.values.map(Int32.init)
  }
}
