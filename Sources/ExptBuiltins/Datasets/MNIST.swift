public import ExptComponents
public import ExptTensor

/// Handwritten digits, 28×28, grey: 60,000 to train and 10,000 to test.
///
/// Source: LeCun, Cortes & Burges, "The MNIST database of handwritten digits", 1998.
public struct MNIST: Dataset {
  public static let id = "mnist"
  public static let summary =
    "MNIST: 70,000 handwritten digits, 28×28, grey; downloaded if absent."

  @Setting("The folder of the IDX files; null: $EXPT_DATA/mnist, else data/mnist.")
  public var root: WrittenPath? = nil
  @Group public var split = SplitSettings()

  public init() {}

  public func imageShape(_ environment: DataEnvironment) -> Shape { Self.archive.image }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    try Self.archive.load(root: root, environment)
  }

  static let archive = IDXArchive(
    name: "mnist", title: "MNIST",
    mirrors: [
      "https://ossci-datasets.s3.amazonaws.com/mnist/",
      "https://storage.googleapis.com/cvdf-datasets/mnist/",
      "http://yann.lecun.com/exdb/mnist/",
    ],
    trainImages: .init(
      name: "train-images-idx3-ubyte", unpackedMD5: "6bbc9ace898e44ae57da46a324031adb",
      packedMD5: "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
    trainLabels: .init(
      name: "train-labels-idx1-ubyte", unpackedMD5: "a25bea736e30d166cdddb491f175f624",
      packedMD5: "d53e105ee54ea40749a09fcbcd1e9432"),
    testImages: .init(
      name: "t10k-images-idx3-ubyte", unpackedMD5: "2646ac647ad5339dbf082846283269ea",
      packedMD5: "9fb629c4189551a2d022fa330f9573f3"),
    testLabels: .init(
      name: "t10k-labels-idx1-ubyte", unpackedMD5: "27ae3e4e09519cfbb04c329615203637",
      packedMD5: "ec29112dd5afa0611ce80d1b7f02629c"))
}
