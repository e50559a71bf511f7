import ExptBuiltins
import ExptComponents
import ExptData
import ExptTensor
import Testing

@Suite("Drawn digits")
struct DigitsTests {
  private func digits(_ train: Int, test: Int = 0, size: Int = 28, seed: UInt64 = 0) -> Digits {
    var digits = Digits()
    digits.train = train
    digits.test = test
    digits.size = size
    digits.seed = seed
    return digits
  }

  private func load(_ digits: Digits, threads: Int = 1) throws -> LoadedData {
    try digits.load(DataEnvironment(pool: ThreadPool(threads: threads)))
  }

  @Test func `there are as many as asked for, labelled, of the shape that was promised`() throws {
    let dataset = digits(30, test: 20, size: 20)
    let data = try load(dataset)
    #expect(data.train.count == 30 && data.train.labels?.count == 30)
    #expect(data.test.count == 20 && data.test.labels?.count == 20)
    #expect(data.train.shape == dataset.imageShape(DataEnvironment()))
    #expect(data.train.bytes?.count == 30 * 20 * 20)
  }

  // A snapshot of what x86-64 draws: another machine or version must draw the same.
  @Test func `the bytes are the same on every machine`() throws {
    #expect(try load(digits(200)).train.fingerprint == "200×1×28×28-f74c9c94fff85fef")
    #expect(try load(digits(10, size: 64)).train.fingerprint == "10×1×64×64-a43bd842adeee1c1")
  }

  @Test func `threads change nothing`() throws {
    let one = try load(digits(350), threads: 1).train.fingerprint
    #expect(try load(digits(350), threads: 3).train.fingerprint == one)
    #expect(try digits(350).load(DataEnvironment()).train.fingerprint == one)
  }

  @Test func `an image does not depend on how many there are`() throws {
    let few = try load(digits(5)).train
    let many = try load(digits(120)).train
    #expect(few.bytes == many.bytes.map { Array($0.prefix(5 * 784)) })
  }

  @Test func `train, test and other seeds are other images`() throws {
    let data = try load(digits(20, test: 20))
    #expect(data.train.bytes != data.test.bytes)
    #expect(try load(digits(20, seed: 1)).train.bytes != data.train.bytes)
  }

  @Test func `the experiment's seed changes nothing`() throws {
    let dataset = digits(20)
    let one = try dataset.load(DataEnvironment(seed: 1)).train
    #expect(try dataset.load(DataEnvironment(seed: 2)).train.bytes == one.bytes)
  }

  @Test func `a part that is not wanted is not drawn`() throws {
    let data = try digits(20, test: 20).load(DataEnvironment(wanted: .test))
    #expect(data.train.count == 0)
    #expect(data.test.count == 20)
  }

  @Test func `every digit occurs about equally often`() throws {
    let labels = try load(digits(3000, size: 8)).train.labels ?? []
    for digit in 0..<10 {
      let count = labels.count { $0 == Int32(digit) }
      #expect((230...370).contains(count), "\(digit): \(count)")  // ± 4 deviations
    }
  }

  @Test func `the ink is about MNIST's, and the edges stay clean`() throws {
    let images = try load(digits(1000)).train
    let mean = images.meanImage(in: 0..<1000)
    let average = mean.reduce(0, +) / 784
    #expect((0.08...0.16).contains(average), "\(average)")
    let edge = mean.indices.filter { [0, 27].contains($0 / 28) || [0, 27].contains($0 % 28) }
    #expect(edge.reduce(0) { $0 + mean[$1] } < 0.05)
    #expect(images.bytes?.contains(255) == true)
  }

  @Test func `labels say what is drawn: class means tell new digits apart`() throws {
    let data = try load(digits(1000, test: 200))
    let (train, test) = (try #require(data.train.bytes), try #require(data.test.bytes))
    let (labels, truth) = (try #require(data.train.labels), try #require(data.test.labels))
    var means = [[Float]](repeating: [Float](repeating: 0, count: 784), count: 10)
    for (image, label) in labels.enumerated() {
      for pixel in 0..<784 { means[Int(label)][pixel] += Float(train[image * 784 + pixel]) }
    }
    for label in 0..<10 {
      let count = Float(labels.count { $0 == Int32(label) })
      means[label] = means[label].map { $0 / count }
    }
    var right = 0
    for image in 0..<200 {
      let distances = means.map { mean in
        (0..<784).reduce(Float(0)) { sum, pixel in
          let difference = Float(test[image * 784 + pixel]) - mean[pixel]
          return sum + difference * difference
        }
      }
      let guess = distances.indices.min { distances[$0] < distances[$1] }
      if guess == Int(truth[image]) { right += 1 }
    }
    #expect(right > 120, "\(right) of 200")  // MNIST itself: about 82 in a hundred
  }
}
