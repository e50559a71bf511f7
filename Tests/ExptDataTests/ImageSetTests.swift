import ExptComponents
import ExptData
import ExptTensor
import Testing

@Suite("Facts about images")
struct ImageSetTests {
  private let images = ImageSet(
    shape: [1, 1, 3], count: 4, pixels: .bytes([0, 10, 255, 0, 20, 255, 0, 128, 255, 255, 127, 0]))

  @Test func `the mean image is the mean of each pixel`() {
    #expect(images.meanImage(in: 0..<2) == [0, 15 / 255, 1])
    #expect(images.meanImage(in: 0..<4) == [0.25, 285 / 1020, 0.75])
    #expect(images.meanImage(in: 0..<4, binarization: .threshold) == [0.25, 0.25, 0.75])
    #expect(images.meanImage(in: 2..<2) == [0, 0, 0])
  }

  @Test func `many images do not overflow the sums`() {
    let count = 1000
    let bytes = [UInt8](repeating: 255, count: 2 * count)
    let white = ImageSet(shape: [1, 1, 2], count: count, pixels: .bytes(bytes))
    #expect(white.meanImage(in: 0..<count) == [1, 1])
    #expect(white.meanImage(in: 1..<count) == [1, 1])
  }

  @Test func `the mean image of floats is theirs`() {
    let floats = ImageSet(shape: [1, 1, 2], count: 2, pixels: .floats([-1, 0.5, 2, 0.75]))
    #expect(floats.meanImage(in: 0..<2) == [0.5, 0.625])
    #expect(floats.greyShare(in: 0..<2) == 1)
  }

  @Test func `black and white pixels are not grey`() {
    #expect(images.greyShare(in: 0..<4) == 4.0 / 12)
    #expect(images.greyShare(in: 1..<2) == 1.0 / 3)
    #expect(images.greyShare(in: 0..<0) == 0)
  }

  @Test func `grey pixels are counted one by one and by the hundred alike`() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    let set = ImageSet(shape: [1, 1, 1000], count: 1, pixels: .bytes(bytes))
    let expected = bytes.count { $0 != 0 && $0 != 255 }
    #expect(set.greyShare(in: 0..<1) == Double(expected) / 1000)
  }

  @Test func `a fingerprint tells images and shapes apart, and leaves labels out`() {
    var other = images
    #expect(other.fingerprint == images.fingerprint)
    #expect(images.fingerprint.hasPrefix("4×1×1×3-"))
    #expect(images.fingerprint(.first) == images.fingerprint, "without labels it stays as it was")
    other.labels = [0, 1, 2, 3]
    #expect(other.fingerprint == images.fingerprint)
    let labelled = other.fingerprint(.first)
    other.labels = [0, 1, 2, 4]
    #expect(Set([labelled, other.fingerprint(.first), images.fingerprint]).count == 3)
    var changed = images
    changed.pixels = .bytes([0, 10, 255, 0, 20, 255, 0, 128, 255, 255, 127, 1])
    var turned = images
    turned.shape = [1, 3, 1]
    #expect(Set([images, changed, turned].map(\.fingerprint)).count == 3)
  }

  @Test(arguments: [1, 2, 15, 16, 17, 100])
  func `the extent of numbers is from their least to their greatest`(count: Int) {
    for place in 0..<count {
      var floats = (0..<count).map { Float($0 % 7) / 10 }
      (floats[place], floats[count - 1 - place]) = (9, -3)
      let set = ImageSet(shape: [1, 1, count], count: 1, pixels: .floats(floats))
      #expect(set.extent?.least == floats.min() && set.extent?.greatest == floats.max())
      #expect(set.extent?.isFinite == true)
      for strange in [Float.nan, .infinity, -.infinity] {
        floats[place] = strange
        let set = ImageSet(shape: [1, 1, count], count: 1, pixels: .floats(floats))
        #expect(set.extent?.isFinite == false, "\(strange) at \(place)")
      }
    }
  }

  @Test func `the first value of a kind is found in the order of the user's file`() {
    var set = ImageSet(
      shape: [2, 1, 2], count: 2, pixels: .floats([0, 7, 0, 0, 0, 0, 0, 8]), rows: [5, 3],
      source: "x.npy")
    let found = set.firstValue { $0 > 1 }
    #expect(found == "x.npy: image 3 holds 8 at channel 1, column 1")
    #expect(set.firstValue { $0 > 9 } == nil)
    set.isTable = true
    #expect(set.firstValue { $0 > 1 } == "x.npy: row 3 holds 8 at column 3")
  }

  @Test func `images keep their places in the user's file`() {
    let chosen = images.selecting([3, 1, 2])
    #expect((0..<3).map(chosen.row) == [3, 1, 2])
    #expect((0..<2).map(chosen.prefix(2).row) == [3, 1])
    #expect((0..<2).map(chosen.selecting([2, 0]).row) == [2, 3])
    #expect((0..<5).map(chosen.appending(images.prefix(2)).row) == [3, 1, 2, 0, 1])
  }

  @Test func `standardized values have mean 0 and variance 1 over the training images`() throws {
    var settings = SplitSettings()
    settings.validation = 2
    let floats: [Float] = [1, 5, 3, 5, 5, 5, 7, 5, 100, 6, -100, 5]
    let data = LoadedData(
      train: ImageSet(shape: [1, 1, 2], count: 6, pixels: .floats(floats)),
      test: ImageSet(shape: [1, 1, 2], count: 1, pixels: .floats([9, 8])))
    let splits = try DataSplits(data, settings, standardizes: true)
    guard case .floats(let values) = splits.images.pixels,
      case .floats(let test) = splits.test.pixels
    else { return #expect(Bool(false)) }
    // Of 1, 3, 5, 7: the mean is 4, the variance 5.
    let root = Float(5).squareRoot()
    let expected: [Float] = [-3, -1, 1, 3, 96, -104].map { $0 / root }
    for (image, wanted) in expected.enumerated() {
      #expect(abs(values[2 * image] - wanted) < 1e-4)
    }
    #expect(values[1] == 0 && values[9] == 1, "a constant column is only shifted")
    #expect(abs(test[0] - 5 / root) < 1e-5 && test[1] == 3)
    #expect(splits.notes.count == 1 && splits.notes[0].contains("1 of 2 values"))
    #expect(splits.notes[0].contains("column 1"))
  }

  @Test(arguments: [Float.nan, .infinity])
  func `numbers that nobody can learn are refused, in every part`(value: Float) {
    let good = ImageSet(shape: [1, 1, 2], count: 1, pixels: .floats([0, 1]))
    let bad = ImageSet(shape: [1, 1, 2], count: 1, pixels: .floats([0, value]), source: "b.npy")
    for data in [
      LoadedData(train: bad, test: good), LoadedData(train: good, test: bad),
      LoadedData(train: good, validation: bad, test: good),
    ] {
      let problem = #expect(throws: DataProblem.self) { try DataSplits(data, SplitSettings()) }
      #expect(problem?.message.contains("b.npy: image 0 holds \(value) at column 1") == true)
    }
  }

  @Test func `classes are left out of what is trained on and validated with, and tests keep them`()
    throws
  {
    var set = images
    set.labels = [0, 1, 2, 1]
    let data = LoadedData(train: set, validation: set.prefix(2), test: set)
    let left = try data.leavingOut([1, 7])
    #expect(left.train.labels == [0, 2] && (0..<2).map(left.train.row) == [0, 2])
    #expect(left.validation?.labels == [0] && left.test.labels == [0, 1, 2, 1])
    #expect(left.notes == ["'leave_out' names class 7, of which there is no training image"])
    #expect(try data.leavingOut([]).train.count == 4)
    let all = #expect(throws: DataProblem.self) { try data.leavingOut([0, 1, 2]) }
    #expect(all?.setting == "leave_out" && all?.message.contains("no image to train on") == true)
    set.classNames = ["ape", "bee", "cat"]
    let named = LoadedData(train: set, test: set)
    #expect(try named.leavingOut(["bee", 2]).train.labels == [0])
    let wrong = #expect(throws: DataProblem.self) { try named.leavingOut(["dog"]) }
    #expect(wrong?.message.contains("'dog', and the classes are ape, bee, cat") == true)
    let nameless = #expect(throws: DataProblem.self) { try data.leavingOut(["bee"]) }
    #expect(nameless?.message.contains("have no names: write numbers") == true)
    set.labels = nil
    let unlabelled = LoadedData(train: set, test: set)
    #expect(throws: DataProblem.self) { try unlabelled.leavingOut([1]) }
  }
}
