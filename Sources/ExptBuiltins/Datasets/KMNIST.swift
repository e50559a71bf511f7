public import ExptComponents
public import ExptTensor

/// Cursive Japanese characters, 28×28, grey, in ten classes: 60,000 to train and 10,000 to test.
///
/// Source: Clanuwat et al., "Deep learning for classical Japanese literature", 2018.
public struct KMNIST: Dataset {
  public static let id = "kmnist"
  public static let summary =
    "Kuzushiji-MNIST: 70,000 cursive Japanese characters, 28×28; downloaded if absent."

  @Setting("The folder of the IDX files; null: $EXPT_DATA/kmnist, else data/kmnist.")
  public var root: WrittenPath? = nil
  @Group public var split = SplitSettings()

  public init() {}

  public func imageShape(_ environment: DataEnvironment) -> Shape { Self.archive.image }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    try Self.archive.load(root: root, environment)
  }

  static let archive = IDXArchive(
    name: "kmnist", title: "Kuzushiji-MNIST",
    mirrors: [
      "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
      "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    ],
    trainImages: .init(
      name: "train-images-idx3-ubyte", packedMD5: "bdb82020997e1d708af4cf47b453dcf7"),
    trainLabels: .init(
      name: "train-labels-idx1-ubyte", packedMD5: "e144d726b3acfaa3e44228e80efcd344"),
    testImages: .init(
      name: "t10k-images-idx3-ubyte", packedMD5: "5c965bf0a639b31b8f53240b1b52f4d7"),
    testLabels: .init(
      name: "t10k-labels-idx1-ubyte", packedMD5: "7320c461ea6c1c855c0b718fb2a4b134"))
}
