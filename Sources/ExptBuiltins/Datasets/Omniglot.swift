public import ExptComponents
import ExptFiles
public import ExptTensor

/// Handwritten characters of 50 alphabets, 28×28, as Burda et al. scaled them down: 24,345 to train and 8,070 to
/// test; grey, and usually binarized at random (`binarization: stochastic`). The labels are the alphabets.
///
/// Reads `omniglot.npz`, made from their `chardata.mat`:
///
///     python3 -c "import numpy, scipy.io; d = scipy.io.loadmat('chardata.mat'); numpy.savez('omniglot.npz',
///     **{k: d[k] for k in ('data', 'target', 'testdata', 'testtarget')})"
///
/// Its columns are images, each a column of pixels after another: `data` [784, n], `target` [alphabets, n].
///
/// Source: Lake, Salakhutdinov & Tenenbaum, "Human-level concept learning through probabilistic program
/// induction", Science 2015; Burda, Grosse & Salakhutdinov, "Importance Weighted Autoencoders", ICLR 2016.
public struct Omniglot: Dataset {
  public static let id = "omniglot"
  public static let summary =
    "OMNIGLOT, 28×28: 24,345 and 8,070 characters of 50 alphabets; from the file of the IWAE's authors."

  @Setting("The folder of omniglot.npz; null: $EXPT_DATA/omniglot, else data/omniglot.")
  public var root: WrittenPath? = nil
  @Group public var split = SplitSettings()

  public init() {}

  private static let image: Shape = [1, 28, 28]
  static let conversion =
    "python3 -c \"import numpy, scipy.io; d = scipy.io.loadmat('chardata.mat'); "
    + "numpy.savez('omniglot.npz', **{k: d[k] for k in ('data', 'target', 'testdata', 'testtarget')})\""

  public func imageShape(_ environment: DataEnvironment) -> Shape { Self.image }

  public func counts(_ environment: DataEnvironment) throws(DataProblem) -> ImageCounts? {
    let archive = try archive(environment)
    return ImageCounts(
      train: try count("data", in: archive), test: try count("testdata", in: archive))
  }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    let (archive, wanted) = (try archive(environment), environment.wanted)
    return LoadedData(
      train: wanted.contains(.train)
        ? try images("data", "target", in: archive) : .empty(Self.image),
      test: wanted.contains(.test)
        ? try images("testdata", "testtarget", in: archive) : .empty(Self.image))
  }

  private func archive(_ environment: DataEnvironment) throws(DataProblem) -> NPZArchive {
    let folder = try DataFolder(name: Self.id, root: root, environment)
    guard let path = folder.find(["omniglot.npz"]) else {
      let lead =
        folder.find(["chardata.mat"]) == nil
        ? "chardata.mat, from https://github.com/yburda/iwae/tree/master/datasets/OMNIGLOT; then"
        : "omniglot.npz, which you make of the chardata.mat that is there:"
      throw folder.absent("OMNIGLOT", "\(lead) run there: \(Self.conversion)")
    }
    return try DataProblem.translating { () throws(FileProblem) in try NPZArchive(path) }
  }

  /// The columns of an array.
  private func count(_ name: String, in archive: NPZArchive) throws(DataProblem) -> Int {
    let shape = try DataProblem.translating { () throws(FileProblem) in try archive.shape(name) }
    guard let shape, shape.count == 2, shape[0] == Self.image.count, shape[1] > 0 else {
      throw DataProblem(
        .malformed,
        "\(archive.path): '\(name)' is to be [784, n], as in chardata.mat; it holds: \(archive.content)"
      )
    }
    return shape[1]
  }

  private func images(
    _ name: String, _ target: String, in archive: NPZArchive
  ) throws(DataProblem) -> ImageSet {
    let count = try count(name, in: archive)
    func array(_ name: String) throws(DataProblem) -> NPYArray? {
      try DataProblem.translating { () throws(FileProblem) in try archive.array(name) }
    }
    let values = try array(name)?.floats ?? []
    guard values.count == count * Self.image.count, values.allSatisfy({ (0...1).contains($0) })
    else {
      throw DataProblem(.malformed, "\(archive.title(name)): holds values that are not from 0 to 1")
    }
    // values[pixel, image], and the pixels go down the columns of an image.
    let (height, width) = (Self.image[1], Self.image[2])
    var pixels = [Float](repeating: 0, count: values.count)
    for image in 0..<count {
      for row in 0..<height {
        for column in 0..<width {
          pixels[(image * height + row) * width + column] =
            values[(column * height + row) * count + image]
        }
      }
    }
    return ImageSet(
      shape: Self.image, count: count, pixels: .floats(pixels),
      labels: try array(target).map { target throws(DataProblem) in
        try labels(target, of: count, title: archive.title(name))
      }, source: archive.path)
  }

  /// The row of the 1 in each column.
  private func labels(
    _ target: NPYArray, of count: Int, title: String
  ) throws(DataProblem) -> [Int32] {
    let values = target.doubles
    guard target.shape.count == 2, target.shape[1] == count else {
      throw DataProblem(
        .malformed,
        "\(title): its alphabets are \(target.shape), and are to be [alphabets, \(count)]"
      )
    }
    return try (0..<count).map { image throws(DataProblem) in
      let rows = (0..<target.shape[0]).filter { values[$0 * count + image] == 1 }
      guard let row = rows.first, rows.count == 1, let label = Int32(exactly: row) else {
        throw DataProblem(.malformed, "\(title): column \(image) does not name one alphabet")
      }
      return label
    }
  }
}
