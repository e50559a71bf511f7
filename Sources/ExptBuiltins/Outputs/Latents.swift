import ExptComponents
import ExptData
import ExptFiles

/// The latents of the held-out images as NumPy arrays.
///
/// Written to `latents/latents-epoch-0010.npz`: `mean` and, for a VAE, `log_variance`, both
/// `[images, latent]` float32 (for a model of codes `codes`, their numbers, `[images, depth, height,
/// width]` int64); if the dataset has them, `labels` `[images]` int64 and its
/// ground-truth factors `factor_<name>` `[images]` float32; and `index` `[images]` int64, where each
/// image stands in the file or folder that it comes from.
public struct Latents: Output {
  public static let id = "latents"
  public static let summary = "The latents of held-out images as NumPy arrays, every few epochs."

  @Setting("Write every N epochs, and after the last.", .atLeast(1)) public var every: Int = 1
  @Setting("Only the first N images.", .atLeast(1)) public var limit: Int = 10_000

  public init() {}

  public func epochEnded(_ occasion: OutputOccasion) throws {
    guard occasion.isDue(every: every) else { return }
    let examples = occasion.examples.prefix(limit)
    let encodings = occasion.model.encode(examples)
    var arrays = [encodings.meanArray]
    arrays += encodings.parameterArrays
    if let labels = examples.labels {
      arrays.append(("labels", NPYArray(shape: [labels.count], int64s: labels.map(Int64.init))))
    }
    for (name, values) in examples.factors {
      arrays.append(("factor_\(name)", NPYArray(shape: [values.count], floats: values)))
    }
    let rows = (0..<examples.count).map { Int64(examples.row($0)) }
    arrays.append(("index", NPYArray(shape: [examples.count], int64s: rows)))
    try NPZ.write(arrays, to: occasion.file("latents", "latents", "npz"))
  }
}
