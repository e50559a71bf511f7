import ExptComponents
import ExptData
import ExptFiles
import ExptInference

/// A picture of latent traversals, a row for each latent dimension: along the row that dimension
/// moves and the others stay.
///
/// Written to `images/traversals-epoch-0010.pgm` (`.ppm` for colour) and `.png`. The row of a dimension is
/// centred on the mean of the held-out latents. Under the prior N(0, I) it moves by `range` standard
/// deviations of the prior either way, else by as many of the held-out latents. A choice takes each of its
/// values in turn (the first 64), a switch 0 and 1; a sphere has a row for each axis, from 90° behind the
/// mean direction to 90° towards the axis.
public struct Traversals: Output {
  public static let id = "traversals"
  public static let summary = "A picture of what each latent dimension does, every few epochs."

  @Setting("Write every N epochs, and after the last.", .atLeast(1)) public var every: Int = 1
  @Setting("Images in a row.", .within(2...100)) public var steps: Int = 11
  @Setting("How far to move either way, in standard deviations.", .above(0, upTo: 100))
  public var range: Float = 3
  @Setting("Draw only the first N dimensions.", .within(1...1000)) public var dimensions: Int = 32

  public init() {}

  public func epochEnded(_ occasion: OutputOccasion) throws {
    guard occasion.isDue(every: every) else { return }
    let encodings = occasion.model.encode(occasion.examples)
    let all = encodings.dimensions
    // As of these latents, not of what they are a sample of.
    let share = Double(encodings.count - 1) / Double(max(1, encodings.count))
    let traversal = LatentWalks.traversal(
      of: encodings.centre[...], along: Array(all.prefix(dimensions)),
      range: Double(range), steps: steps, in: encodings.space
    ) { ($0.mean, $0.isMeasuredByPrior ? 1 : ($0.variance * share).squareRoot()) }
    let images = occasion.model.decode(
      traversal.latents, given: encodings.annotations(ofImage: 0, count: traversal.count))
    let picture = Pictures.grid(
      traversal.filled(images, size: occasion.model.image.count), shape: occasion.model.image,
      columns: traversal.columns)
    try picture.write(as: occasion.imageFormats) { (ending) throws(FileProblem) in
      try occasion.file("images", "traversals", ending)
    }
  }
}
