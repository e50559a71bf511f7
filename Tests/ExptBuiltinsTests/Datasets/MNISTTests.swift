import ExptBuiltins
import ExptComponents
import ExptData
import ExptFiles
import ExptTensor
import ExptTestSupport
import Foundation
import Testing

@Suite("MNIST and its relatives")
struct MNISTTests {
  private let folder: TemporaryFolder

  init() throws { folder = TemporaryFolder() }

  private static let files = [
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
  ]

  private func images(_ count: Int, side: Int = 28, seed: Int = 3) -> IDX {
    let size = count * side * side
    return IDX(
      shape: [count, side, side], values: (0..<size).map { UInt8(truncatingIfNeeded: $0 * seed) })
  }

  private func labels(_ count: Int) -> IDX {
    IDX(shape: [count], values: (0..<count).map { UInt8($0 % 10) })
  }

  /// Three images to train and two to test.
  private func writeSmall(to place: String = "mnist/", packed: Bool = false) throws {
    let contents = [images(3), labels(3), images(2, seed: 5), labels(2)]
    for (name, content) in zip(Self.files, contents) {
      let bytes = packed ? Gzip.deflate(content.bytes) : content.bytes
      try folder.write(bytes, to: place + name + (packed ? ".gz" : ""))
    }
  }

  private func loadMessage(_ kind: DataProblem.Kind) -> String {
    message(of: kind) { _ = try MNIST().load(.offline(folder)) }
  }

  @Test(arguments: [false, true], ["mnist/", "mnist/raw/"])
  func `files are read gzipped or not, where torchvision puts them too`(
    packed: Bool, place: String
  ) throws {
    try writeSmall(to: place, packed: packed)
    let data = try MNIST().load(.offline(folder))
    #expect(data.train.shape == [1, 28, 28])
    #expect(data.train.bytes == images(3).values)
    #expect(data.train.labels == [0, 1, 2])
    #expect(data.test.bytes == images(2, seed: 5).values)
    #expect(data.test.count == 2)
  }

  /// Kaggle and 7-Zip keep the name inside the gzip file, with a dot; some unpackers make a folder
  /// for each file.
  @Test(arguments: [false, true], ["train-images.idx3-ubyte", "a/a", "MNIST/raw/a"])
  func `files are found under the names that other programs give them`(
    packed: Bool, form: String
  ) throws {
    try writeSmall(packed: packed)
    let ending = packed ? ".gz" : ""
    for name in Self.files {
      let bytes = try FileBytes.read("\(folder.path)/mnist/\(name)\(ending)")
      let dotted = name.split(separator: "-idx").joined(separator: ".idx")
      let place =
        switch form {
        case "a/a": "\(name)/\(packed ? dotted : name)"
        case "MNIST/raw/a": "MNIST/raw/\(name)"
        default: dotted
        }
      for dataset in ["m", "f", "k"] { try folder.write(bytes, to: "\(dataset)/\(place)\(ending)") }
    }
    var (mnist, fashion, kuzushiji) = (MNIST(), FashionMNIST(), KMNIST())
    (mnist.root, fashion.root, kuzushiji.root) = ("m", "f", "k")
    let datasets: [any Dataset] = [mnist, fashion, kuzushiji]
    for dataset in datasets {
      let data = try dataset.load(.offline(folder))
      #expect(data.train.bytes == images(3).values)
      #expect(data.test.labels == [0, 1])
    }
  }

  @Test func `what else lies in the folder is said where the files are missing`() throws {
    try folder.write([1], to: "mnist/train.csv")
    #expect(loadMessage(.missing).contains("; it holds train.csv, and downloading is switched off"))
  }

  @Test func `the folder can be named, counted from the folder of the start or absolute`() throws {
    try writeSmall(to: "elsewhere/")
    var mnist = MNIST()
    mnist.root = "elsewhere"
    let environment = DataEnvironment(workingFolder: folder.path, allowsDownload: false)
    #expect(try mnist.load(environment).train.count == 3)
    mnist.root = WrittenPath(FilePath.join(folder.path, "elsewhere"))
    #expect(try mnist.load(DataEnvironment(allowsDownload: false)).train.count == 3)
  }

  @Test func `each relative has its own folder`() throws {
    try writeSmall(to: "fashion_mnist/")
    try writeSmall(to: "kmnist/")
    #expect(try FashionMNIST().load(.offline(folder)).train.count == 3)
    #expect(try KMNIST().load(.offline(folder)).test.count == 2)
    #expect(loadMessage(.missing).contains("MNIST is not in \(folder.path)/mnist"))
  }

  @Test func `a part that is not wanted is not read`() throws {
    try writeSmall()
    try folder.write([1, 2, 3], to: "mnist/t10k-images-idx3-ubyte")
    let data = try MNIST().load(.offline(folder, wanted: .train))
    #expect(data.train.count == 3)
    #expect(data.test.count == 0)
  }

  @Test func `the shape is known without the files`() {
    #expect(MNIST().imageShape(.offline(folder)) == [1, 28, 28])
  }

  @Test func `what is missing, and where to put it, is said`() {
    let sentence = loadMessage(.missing)
    #expect(sentence.contains("EXPT_DATA"))
    #expect(sentence.contains("downloading is switched off"))
    for name in Self.files { #expect(sentence.contains(name + ".gz")) }
  }

  @Test func `a truncated file is refused`() throws {
    try writeSmall()
    try folder.write(images(3).bytes.dropLast(), to: "mnist/train-images-idx3-ubyte")
    #expect(loadMessage(.malformed).contains("3 × 28 × 28"))
    let packed = Gzip.deflate(images(3).bytes)
    try folder.write(Array(packed.prefix(packed.count / 2)), to: "mnist/train-images-idx3-ubyte")
    #expect(loadMessage(.malformed).contains("ends too early"))
  }

  @Test func `an oversized file is refused`() throws {
    try writeSmall()
    try folder.write(images(3).bytes + [0], to: "mnist/train-images-idx3-ubyte")
    #expect(loadMessage(.malformed).contains("more bytes follow"))
  }

  @Test func `a header that promises more than memory holds is refused`() throws {
    try writeSmall()
    let lying: [UInt8] = [0, 0, 8, 3] + [UInt8](repeating: 0x7f, count: 12)
    try folder.write(lying, to: "mnist/train-images-idx3-ubyte")
    #expect(loadMessage(.malformed).contains("its header declares"))
    try folder.write(Gzip.deflate(lying), to: "mnist/train-images-idx3-ubyte")
    #expect(loadMessage(.malformed).contains("its header declares"))
  }

  @Test func `images and labels must be equally many`() throws {
    try writeSmall()
    try folder.write(labels(4).bytes, to: "mnist/train-labels-idx1-ubyte")
    #expect(loadMessage(.malformed).contains("3 labels are needed for the 3 images"))
  }

  @Test func `other images than 28×28 and other labels than 0 to 9 are refused`() throws {
    try writeSmall()
    try folder.write(images(3, side: 20).bytes, to: "mnist/train-images-idx3-ubyte")
    #expect(loadMessage(.malformed).contains("'idx'"))
    try writeSmall()
    try folder.write(
      IDX(shape: [3], values: [0, 10, 1]).bytes, to: "mnist/train-labels-idx1-ubyte")
    #expect(loadMessage(.malformed).contains("the label 10"))
  }

  @Test func `labels in the place of images are refused`() throws {
    try writeSmall()
    try folder.write(labels(3).bytes, to: "mnist/train-images-idx3-ubyte")
    #expect(loadMessage(.malformed).contains("holds an array of 3"))
  }

  @Test(.needs(.realMNIST))
  func `the real MNIST is 70,000 images whose mean is known`() throws {
    let data = try MNIST().load(
      DataEnvironment(dataFolder: RealMNIST.folder, allowsDownload: false))
    #expect(data.train.count == 60_000)
    #expect(data.test.count == 10_000)
    #expect(data.train.labels?.prefix(5) == [5, 0, 4, 1, 9])
    let mean = data.train.meanImage(in: 0..<60_000).reduce(0) { $0 + Double($1) } / 784
    #expect(abs(mean - 0.1306604762738429) < 1e-8)  // the mean that PyTorch's examples normalise by
  }
}
