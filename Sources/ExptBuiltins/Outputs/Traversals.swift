import ExptComponents
import ExptData
import ExptFiles

/// A picture of latent traversals, a row for each latent dimension: along the row that dimension
/// moves and the others stay.
///
/// Written to `images/traversals-epoch-0010.pgm` (`.ppm` for colour) and `.png`. The row of a dimension is
/// centred on the mean of the held-out latents. A VAE's dimension moves by `range` standard
/// deviations of the prior either way, an autoencoder's code by as many of the held-out codes.
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
    let (centre, spread) = heldOut(occasion)
    var latents: [Float] = []
    for dimension in 0..<min(dimensions, occasion.model.latent) {
      for step in 0..<steps {
        var latent = centre
        let place = 2 * Float(step) / Float(steps - 1) - 1
        latent[dimension] += place * range * spread[dimension]
        latents += latent
      }
    }
    let picture = Pictures.grid(
      occasion.model.decode(latents), shape: occasion.model.image, columns: steps)
    try picture.write(as: occasion.imageFormats) {
      try occasion.file("images", "traversals", $0)
    }
  }

  /// The mean of the held-out latents, and how wide each dimension is.
  private func heldOut(_ occasion: OutputOccasion) -> (centre: [Float], spread: [Float]) {
    let latent = occasion.model.latent
    let means = occasion.model.encode(occasion.examples).mean
    let count = Double(max(1, means.count / latent))
    var centre: [Float] = []
    var spread: [Float] = []
    for dimension in 0..<latent {
      let values = stride(from: dimension, to: means.count, by: latent).map { Double(means[$0]) }
      let mean = values.reduce(0, +) / count
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      centre.append(Float(mean))
      spread.append(occasion.model.isGenerative ? 1 : Float(variance.squareRoot()))
    }
    return (centre, spread)
  }
}
