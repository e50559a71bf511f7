public import ExptComponents
import ExptData
public import ExptTensor

/// Handwritten-like digits, drawn when they are needed: no files, no network.
///
/// Ten classes in several ways of writing each, with unsteady strokes, slant, turn, stretch and pen
/// width. Looks like MNIST, and is easier. The images depend on this dataset's own `seed` and not on
/// the experiment's, so that runs of several seeds see the same data; they are the same bytes on
/// every machine.
public struct Digits: Dataset {
  public static let id = "digits"
  public static let summary =
    "Synthetic handwritten-style digits, drawn from a seed; nothing to download."
  public static let exampleSettings = "{ train: 20, test: 5 }"

  @Setting("Number of training images, including validation.", .within(1...10_000_000))
  public var train: Int = 60_000
  @Setting("Number of test images.", .within(0...10_000_000)) public var test: Int = 10_000
  @Setting("Height and width of an image in pixels.", .within(8...512)) public var size: Int = 28
  @Setting("Seed of the drawing: another seed gives other digits.") public var seed: UInt64 = 0
  @Group public var split = SplitSettings()

  public init() {}

  public func check(_ report: SettingsReport) { split.check(counts, report) }

  public func counts(_ environment: DataEnvironment) -> ImageCounts? { counts }

  private var counts: ImageCounts { ImageCounts(train: train, test: test) }

  public func annotationFacts(_ environment: DataEnvironment) -> AnnotationFacts {
    AnnotationFacts(classes: 10)
  }

  public func imageShape(_ environment: DataEnvironment) -> Shape { [1, size, size] }

  public var givesSamples: Bool { true }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    let (wanted, most) = (environment.wanted, environment.sample ?? .max)
    return LoadedData(
      train: try draw(wanted.contains(.train) ? min(train, most) : 0, "train", environment),
      test: try draw(wanted.contains(.test) ? min(test, most) : 0, "test", environment))
  }

  private func draw(
    _ count: Int, _ part: String, _ environment: DataEnvironment
  ) throws(DataProblem) -> ImageSet {
    try checkMemory(forImages: count, of: imageShape(environment))
    return DrawnDigits.draw(count, side: size, seed: seed, part: part, pool: environment.pool)
  }
}
