public import ExptComponents
import ExptData
public import ExptTensor

/// Small squares cut out of another dataset's images at random places: what dictionaries are learned from.
///
/// A patch with less contrast than asked for, such as an empty corner, is drawn again, up to a hundred
/// times. The patches depend on this dataset's own `seed` and not on the experiment's. Labels and factors
/// are those of the image.
public struct Patches: Dataset {
  public static let id = "patches"
  public static let summary = "Small squares out of another dataset's images."
  public static let exampleSettings =
    "{ of: {type: digits, train: 20, test: 5}, train: 20, test: 5 }"

  @Slot("The dataset that they are cut out of.", .dataset, default: "digits")
  public var of: any Dataset
  @Setting("Height and width of a patch in pixels.", .within(1...512)) public var size: Int = 8
  @Setting("Number of training patches, including validation.", .within(1...10_000_000))
  public var train: Int = 60_000
  @Setting("Number of test patches.", .within(0...10_000_000)) public var test: Int = 10_000
  @Setting("Least standard deviation of a patch's pixels, of 0 … 1.", .within(0...0.5))
  public var contrast: Float = 0.1
  @Setting("Seed of the places: another seed gives other patches.") public var seed: UInt64 = 0
  @Group public var split = SplitSettings()

  public init() {}

  private static let attempts = 100

  public func check(_ report: SettingsReport) {
    split.check(counts, report)
    let inner = of.split
    if inner.validation != .count(0) || inner.limit != nil || inner.binarization != .none
      || inner.flip
    {
      report.error(
        "the images are only cut up here: how they are divided and presented is said of the patches",
        at: "of", help: "write validation, limit, binarization and flip beside 'of'")
    }
  }

  private var counts: ImageCounts { ImageCounts(train: train, test: test) }

  public func counts(_ environment: DataEnvironment) -> ImageCounts? { counts }

  public func annotationFacts(_ environment: DataEnvironment) throws(DataProblem)
    -> AnnotationFacts
  { try of.annotationFacts(environment) }

  public func imageShape(_ environment: DataEnvironment) throws(DataProblem) -> Shape {
    let image = try of.imageShape(environment)
    guard size <= image[1], size <= image[2] else {
      throw DataProblem(
        .malformed, "patches of \(size)×\(size) pixels do not fit images of \(image[1])×\(image[2])"
      )
    }
    return [image[0], size, size]
  }

  public var givesSamples: Bool { true }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    let shape = try imageShape(environment)
    try checkMemory(forImages: train, of: shape)
    let images = try of.load(environment)
    let most = environment.sample ?? .max
    return LoadedData(
      train: cut(images.train, min(train, most), shape, part: 0),
      test: cut(images.test, min(test, most), shape, part: 1), notes: images.notes)
  }

  private func cut(_ images: ImageSet, _ count: Int, _ shape: Shape, part: UInt64) -> ImageSet {
    guard images.count > 0 else { return .empty(shape) }
    let stream = Random.stream("patches/\(part)")
    let places = (0..<count).map { number in
      var random = RandomSequence(seed: seed, stream: stream, position: UInt64(number))
      return place(in: images, &random)
    }
    let pixels: ImageSet.Pixels =
      switch images.pixels {
      case .bytes(let bytes): .bytes(places.flatMap { self.pixels(bytes, at: $0, images.shape) })
      case .floats(let floats):
        .floats(places.flatMap { self.pixels(floats, at: $0, images.shape) })
      case .stored(let stored):
        .floats(
          places.flatMap {
            self.pixels(stored.floats($0.image..<$0.image + 1), at: $0.alone, images.shape)
          })
      }
    return ImageSet(
      shape: shape, count: count, pixels: pixels,
      labels: images.labels.map { labels in places.map { labels[$0.image] } },
      factors: images.factors.map { factor in
        (factor.name, places.map { factor.values[$0.image] })
      })
  }

  private struct Place {
    var image: Int
    var top: Int
    var left: Int

    /// The same place in the image by itself.
    var alone: Place { Place(image: 0, top: top, left: left) }
  }

  private func place(in images: ImageSet, _ random: inout RandomSequence) -> Place {
    var place = Place(image: 0, top: 0, left: 0)
    for _ in 0..<Self.attempts {
      place = Place(
        image: random.below(images.count), top: random.below(images.shape[1] - size + 1),
        left: random.below(images.shape[2] - size + 1))
      if deviation(images, place) >= contrast { return place }
    }
    return place
  }

  private func deviation(_ images: ImageSet, _ place: Place) -> Float {
    let values: [Float] =
      switch images.pixels {
      case .bytes(let bytes): pixels(bytes, at: place, images.shape).map { Float($0) / 255 }
      case .floats(let floats): pixels(floats, at: place, images.shape)
      case .stored(let stored):
        pixels(stored.floats(place.image..<place.image + 1), at: place.alone, images.shape)
      }
    let mean = values.reduce(0, +) / Float(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Float(values.count)).squareRoot()
  }

  private func pixels<Value>(_ all: [Value], at place: Place, _ image: Shape) -> [Value] {
    (0..<image[0]).flatMap { channel in
      (place.top..<place.top + size).flatMap { row in
        let start =
          ((place.image * image[0] + channel) * image[1] + row) * image[2] + place.left
        return all[start..<start + size]
      }
    }
  }
}
