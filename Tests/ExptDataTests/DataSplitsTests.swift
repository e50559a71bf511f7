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
    settings.validation = validation
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
}
