public import ExptComponents
public import ExptTensor

/// Pictures of clothes, 28×28, grey, in ten classes: 60,000 to train and 10,000 to test.
///
/// Source: Xiao, Rasul & Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine
/// learning algorithms", 2017.
public struct FashionMNIST: Dataset {
  public static let id = "fashion_mnist"
  public static let summary =
    "Fashion-MNIST: 70,000 pictures of clothes, 28×28, grey; downloaded if absent."

  @Setting("The folder of the IDX files; null: $EXPT_DATA/fashion_mnist, else data/fashion_mnist.")
  public var root: WrittenPath? = nil
  @Group public var split = SplitSettings()

  public init() {}

  public func imageShape(_ environment: DataEnvironment) -> Shape { Self.archive.image }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    try Self.archive.load(root: root, environment)
  }

  static let archive = IDXArchive(
    name: "fashion_mnist", title: "Fashion-MNIST",
    mirrors: [
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
      "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    ],
    trainImages: .init(
      name: "train-images-idx3-ubyte", packedMD5: "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
    trainLabels: .init(
      name: "train-labels-idx1-ubyte", packedMD5: "25c81989df183df01b3e8a0aad5dffbe"),
    testImages: .init(
      name: "t10k-images-idx3-ubyte", packedMD5: "bef4ecab320f06d8554ea6380940ec79"),
    testLabels: .init(
      name: "t10k-labels-idx1-ubyte", packedMD5: "bb300cfdad3c16e7a12a480ee83cd310"))
}
