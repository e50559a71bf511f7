import ExptComponents
import ExptData
import ExptTensor
import Testing

@Suite("Dividing a dataset")
struct DataSplitsTests {
  private let data = LoadedData(
    train: ImageSet(shape: [1, 1, 2], count: 10, pixels: .bytes(Array(0..<20))),
    test: ImageSet(shape: [1, 1, 2], count: 1, pixels: .bytes([1, 2])))

  @Test func `validation is the end of the training set, whatever the limit`() throws {
    var settings = SplitSettings()
    settings.validation = 3
    settings.limit = 2
    let splits = try DataSplits(data, settings)
    #expect(splits.train == 0..<2)
    #expect(splits.validation == 7..<10)
    #expect(splits.test.count == 1)
  }

  @Test func `without settings every training image is trained on`() throws {
    let splits = try DataSplits(data, SplitSettings())
    #expect(splits.train == 0..<10)
    #expect(splits.validation.isEmpty)
  }

  @Test func `a limit above what there is takes what there is`() throws {
    var settings = SplitSettings()
    settings.limit = 1000
    #expect(try DataSplits(data, settings).train == 0..<10)
  }

  @Test(arguments: [10, 11, 60000])
  func `validation must leave an image to train on`(validation: Int) {
    var settings = SplitSettings()
    settings.validation = .count(validation)
    let problem = #expect(throws: DataProblem.self) { try DataSplits(data, settings) }
    #expect(problem?.kind == .malformed)
    #expect(problem?.message.contains("'validation: \(validation)'") == true)
  }

  @Test func `test images must have the shape of the training images`() {
    var data = data
    data.test = ImageSet(shape: [1, 2, 2], count: 1, pixels: .bytes([1, 2, 3, 4]))
    let problem = #expect(throws: DataProblem.self) { try DataSplits(data, SplitSettings()) }
    #expect(problem?.message.contains("1×1×2") == true)
    #expect(problem?.message.contains("1×2×2") == true)
  }

  @Test func `a part that was not loaded is no mistake`() throws {
    var data = data
    data.train = .empty([1, 1, 2])
    let splits = try DataSplits(data, SplitSettings())
    #expect(splits.train.isEmpty)
    #expect(splits.test.count == 1)
  }

  @Test func `validation images of a dataset's own stand behind the training images`() throws {
    var data = data
    data.validation = ImageSet(shape: [1, 1, 2], count: 2, pixels: .bytes([40, 41, 42, 43]))
    var settings = SplitSettings()
    settings.limit = 4
    let splits = try DataSplits(data, settings)
    #expect(splits.train == 0..<4)
    #expect(splits.validation == 10..<12)
    guard case .bytes(let bytes) = splits.images.pixels else { return #expect(Bool(false)) }
    #expect(bytes == Array(0..<20) + [40, 41, 42, 43])
    settings.validation = 2
    let problem = #expect(throws: DataProblem.self) { try DataSplits(data, settings) }
    #expect(problem?.message.contains("of its own") == true)
    #expect(problem?.setting == "validation")
  }

  @Test func `bytes and numbers together become the numbers that the bytes mean`() throws {
    var data = data
    data.validation = ImageSet(
      shape: [1, 1, 2], count: 1, pixels: .floats([0.25, 2]), labels: [7])
    let images = try DataSplits(data, SplitSettings()).images
    guard case .floats(let floats) = images.pixels else { return #expect(Bool(false)) }
    #expect(floats == (0..<20).map { Float($0) / 255 } + [0.25, 2])
    #expect(images.labels == nil)
  }

  @Test(arguments: [
    (0.29, 100, 29), (0.57, 100, 57), (0.1, 10, 1), (1.0 / 3, 9, 3), (0.999, 10, 10),
    (0.35, 60_000, 21_000),
  ])
  func `a share is rounded to the nearest number of images`(
    share: Double, total: Int, expected: Int
  ) {
    #expect(ImageAmount.share(share).count(of: total) == expected)
  }

  @Test func `a share of no image, and one of all images, are refused`() throws {
    var settings = SplitSettings()
    for share in [0.04, 0.96] {
      settings.validation = .share(share)
      let problem = #expect(throws: DataProblem.self) { try DataSplits(data, settings) }
      #expect(problem?.message.contains("'validation: \(share)'") == true)
    }
    settings.validation = .share(0.25)
    #expect(try DataSplits(data, settings).validation == 7..<10)  // 2.5 is rounded up
  }
}
