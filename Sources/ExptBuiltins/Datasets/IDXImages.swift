import ExptComponents
import ExptFiles
import ExptTensor

/// Images and labels from a pair of IDX files.
enum IDXImages {
  /// Images [n, height, width], or [n, channels, height, width] with 1 or 3 channels; labels [n].
  static func read(images: String, labels: String?) throws(DataProblem) -> ImageSet {
    let file = try DataProblem.translating { () throws(FileProblem) in try IDX.read(images) }
    let shape = try imageShape(file.shape, path: images)
    try checkBytes(file, images)
    guard file.values.count > 0 else {
      throw DataProblem(.malformed, "\(images): holds no images (\(Shape(file.shape)))")
    }
    var set = ImageSet(shape: shape, count: file.shape[0], pixels: .bytes(file.values))
    if let labels { set.labels = try readLabels(labels, count: set.count, images: images) }
    return set
  }

  private static func checkBytes(_ file: IDX, _ path: String) throws(DataProblem) {
    guard file.type == .u8 else {
      throw DataProblem(
        .malformed,
        "\(path): holds signed or multi-byte values; the dataset 'idx' reads them")
    }
  }

  /// The shape of one image in a file of this shape.
  static func imageShape(_ shape: [Int], path: String) throws(DataProblem) -> Shape {
    switch shape.count {
    case 3: return try .image([1, shape[1], shape[2]], title: path)
    case 4 where [1, 3].contains(shape[1]): return try .image(Array(shape[1...]), title: path)
    default:
      throw DataProblem(
        .malformed,
        "\(path): holds an array of \(Shape(shape)), where images are n×height×width or "
          + "n×channels×height×width with 1 or 3 channels")
    }
  }

  private static func readLabels(
    _ path: String, count: Int, images: String
  ) throws(DataProblem) -> [Int32] {
    let file = try DataProblem.translating { () throws(FileProblem) in try IDX.read(path) }
    try checkBytes(file, path)
    guard file.shape == [count] else {
      throw DataProblem(
        .malformed,
        "\(path): holds an array of \(Shape(file.shape)), where \(count) labels are needed for the "
          + "\(count) images of \(images)")
    }
    return file.values.map(Int32.init)
  }
}
