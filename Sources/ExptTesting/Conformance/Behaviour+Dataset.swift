import ExptComponents
import ExptTensor
import Foundation

extension Behaviour {
  /// What cannot be loaded without the network is not examined further.
  mutating func examine(_ dataset: any Dataset) {
    let environment = DataEnvironment(
      dataFolder: ProcessInfo.processInfo.environment["EXPT_DATA"], seed: 1, allowsDownload: false)
    do {
      let shape = try dataset.imageShape(environment)
      let data = try dataset.load(environment)
      let again = isBrief ? data : try dataset.load(environment)
      expect(data.train.count > 0, "it has no training images")
      for (name, set, other) in [
        ("training", data.train, again.train), ("test", data.test, again.test),
      ] {
        expect(set.shape == shape, "the \(name) images are \(set.shape), not \(shape)")
        expect(
          set.pixels.values == other.pixels.values && set.labels == other.labels,
          "the \(name) images differ when they are loaded again")
        expect(
          set.pixels.values.count == set.count * shape.count,
          "\(set.count) \(name) images have \(set.pixels.values.count) pixels")
        expect(
          set.labels.map { $0.count == set.count } ?? true,
          "the \(name) labels are not one for each image")
        record(set.pixels.values.prefix(20 * shape.count))
        record([Float(set.count)])
      }
    } catch {
      isBlind = error.kind == .missing
      record(error.message)
      expect(isBlind, "it does not load: \(error.message)")
    }
  }
}

extension ImageSet.Pixels {
  /// As they are; bytes from 0 to 255.
  fileprivate var values: [Float] {
    switch self {
    case .bytes(let bytes): bytes.map(Float.init)
    case .floats(let floats): floats
    case .stored(let stored): stored.floats(0..<stored.source.count)
    }
  }
}
