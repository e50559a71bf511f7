import ExptBuiltins
import ExptComponents
import ExptTesting
import Testing

@Suite("What is known of a dataset without its data")
struct SplitCheckTests {
  /// What is wrong with a dataset as somebody wrote it; empty where nothing is.
  private func errors(_ yaml: String) -> String {
    do {
      _ = try builtins.make(.dataset, yaml)
      return ""
    } catch { return error.rendered }
  }

  @Test(arguments: ["digits", "sprites"])
  func `validation must leave a drawn dataset images to train on`(type: String) {
    for validation in ["100", "1000", "0.999"] {
      let text = errors("{type: \(type), train: 100, test: 8, validation: \(validation)}")
      #expect(text.contains("'validation: \(validation)' leaves no image to train on"))
      #expect(text.contains("there are 100"))
      #expect(text.contains("1:"), "at its line: \(text)")
    }
    #expect(errors("{type: \(type), train: 100, validation: 99}").isEmpty)
    #expect(errors("{type: \(type), train: 100, validation: 0.29}").isEmpty)
    #expect(errors("{type: \(type), train: 100, validation: 0.001}").contains("comes to none"))
  }

  @Test(arguments: [("1.0", "write 1 for one image"), ("10%", "write 0.1"), ("1.5", "a share")])
  func `a share is written below 1`(written: String, remedy: String) {
    #expect(errors("{type: digits, validation: \(written)}").contains(remedy))
  }

  @Test func `a share keeps its value when it is written out and read back`() throws {
    let dataset = try builtins.make(.dataset, "{type: digits, validation: 0.29}")
    #expect(dataset.split.validation == .share(0.29))
    let number = try builtins.make(.dataset, "{type: npy, images: x, test: 10.0}") as? NPYDataset
    #expect(number?.heldOut.test == 10, "as older versions wrote numbers of images")
  }

  @Test(arguments: [
    ("digits", 60_000, 10_000), ("cifar10", 50_000, 10_000), ("mnist", 60_000, 10_000),
    ("fashion_mnist", 60_000, 10_000), ("kmnist", 60_000, 10_000),
  ])
  func `counts are known of what was never loaded`(type: String, train: Int, test: Int) throws {
    let dataset = try builtins.make(.dataset, "{type: \(type)}")
    let absent = DataEnvironment(dataFolder: "/absent", allowsDownload: false)
    #expect(try dataset.counts(absent) == ImageCounts(train: train, test: test))
  }
}
