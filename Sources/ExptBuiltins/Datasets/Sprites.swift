public import ExptComponents
import ExptData
public import ExptTensor

/// Squares, ellipses and hearts of known scale, rotation and place, drawn when they are needed: for
/// asking whether latents find the factors that made the images.
///
/// The images depend on this dataset's own `seed` and not on the experiment's; they are the same
/// bytes on every machine. Labels are the shapes.
///
/// After: Matthey et al., "dSprites: disentanglement testing sprites dataset", 2017.
public struct Sprites: Dataset {
  public static let id = "sprites"
  public static let summary = "Simple shapes with known factors, after dSprites; drawn from a seed."
  public static let exampleSettings = "{ train: 20, test: 5 }"

  public enum Factors: String, NamedChoice { case random, grid }

  @Setting("Number of training images, including validation.", .within(1...10_000_000))
  public var train: Int = 20_000
  @Setting("Number of test images.", .within(0...10_000_000)) public var test: Int = 2_000
  @Setting("Height and width of an image in pixels.", .within(8...512)) public var size: Int = 64
  @Setting("Continuous factors, or the values of dSprites: 6 scales, 40 rotations, 32×32 places.")
  public var factors: Factors = .random
  @Setting("Give each sprite a hue of its own: three channels.") public var colour = false
  @Setting("Smooth edges with grey pixels; false: every pixel is on or off.") public var smooth =
    true
  @Setting("Seed of the drawing: another seed gives other sprites.")
  public var seed: UInt64 = 0
  @Group public var split = SplitSettings()

  public init() {}

  public func check(_ report: SettingsReport) { split.check(counts, report) }

  public func counts(_ environment: DataEnvironment) -> ImageCounts? { counts }

  private var counts: ImageCounts { ImageCounts(train: train, test: test) }

  public func imageShape(_ environment: DataEnvironment) -> Shape { style.shape }

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
    return DrawnSprites.draw(count, style, seed: seed, part: part, pool: environment.pool)
  }

  private var style: DrawnSprites.Style {
    DrawnSprites.Style(
      side: size, onGrid: factors == .grid, isColoured: colour, isSmooth: smooth)
  }
}
