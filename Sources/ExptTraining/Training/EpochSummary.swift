import ExptComponents
import ExptInference

/// What an epoch came to.
public struct EpochSummary: Sendable {
  /// Which epoch, from 1.
  public var epoch: Int
  public var epochs: Int
  /// Optimizer steps taken since the run began.
  public var step: Int
  /// At the epoch's last step.
  public var learningRate: Double
  /// The numbers that follow a schedule, such as β, at the epoch's last step, by name.
  public var scalars: [(name: String, value: Double)]
  /// Means over the images, in nats, by name: `loss`, `reconstruction`, `kl`, ….
  public var train: [(name: String, value: Double)]
  /// Empty without validation images.
  public var validation: [(name: String, value: Double)]
  /// KL of each latent dimension over the validation images (training batch without), in nats.
  public var klPerDimension: [Double]
  /// Steps of this epoch that were left out; nil where none can be.
  public var skipped: Int?
  public var isBest: Bool
  /// Training time of this epoch, validation not counted.
  public var seconds: Double
  public var imagesPerSecond: Double
  /// The numbers of an image, where its loss is also said in bits per dimension; else nil.
  public var dimensions: Int? = nil
}

extension EpochSummary {
  /// The loss that epochs are compared by: the one at the schedules' target, where they move. One
  /// that is not finite there, on its way, is worse than any other.
  static func deciding(_ means: [(name: String, value: Double)]) -> Double {
    let loss = means.last { $0.name == StepGraph.judgedName } ?? means.first
    guard let loss, loss.value.isFinite else { return .infinity }
    return loss.value
  }
}

extension EpochSummary: CustomStringConvertible {
  /// `epoch 3/10  train loss 112.31 (reconstruction 88.10, kl 24.21)  validation loss …`
  public var description: String {
    var text = "epoch \(epoch)/\(epochs)  train \(terms(train))"
    if !validation.isEmpty { text += "  validation \(terms(validation))" }
    if let skipped, skipped > 0 { text += "  \(Format.count(skipped, "step")) left out" }
    return text + "  \(Format.fixed(seconds, 2)) s, \(Format.grouped(imagesPerSecond)) images/s"
  }

  private func terms(_ values: [(name: String, value: Double)]) -> String {
    guard let loss = values.first else { return "" }
    var parts = values.dropFirst().map { "\($0.name) \(Format.fixed($0.value, 2))" }
    // The negative ELBO, which β does not enter.
    if let dimensions, let kl = values.first(where: { $0.name == "kl" }),
      let reconstruction = values.first(where: { $0.name == "reconstruction" })
    {
      let bits = bitsPerDimension(reconstruction.value + kl.value, dimensions: dimensions)
      parts.append("bits/dim \(Format.fixed(bits, 3))")
    }
    return "loss \(Format.fixed(loss.value, 2)) (\(parts.joined(separator: ", ")))"
  }
}
