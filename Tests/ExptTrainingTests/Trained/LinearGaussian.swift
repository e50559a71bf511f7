import ExptRunFolder
import ExptTraining
import Foundation

/// A linear model whose log p(x) has a closed form (probabilistic principal components, Tipping &
/// Bishop 1999):
///
///     p(x|z) = N(Wz + b, s²I), p(z) = N(0, I)   ⇒   p(x) = N(b, WWᵀ + s²I)
///
/// W's two columns are orthogonal, so that the posterior has independent dimensions, as an encoder's
/// has: N(wⱼ·(x − b)/(|wⱼ|² + s²), s²/(|wⱼ|² + s²)).
struct LinearGaussian {
  static let experiment = """
    name: linear
    dataset: { type: test_points, count: 16, test: 30 }
    model:
      type: vae
      latent: 2
      likelihood: { type: gaussian, scale: 0.5 }
      encoder: { type: mlp, hidden: [] }
      decoder: { type: mlp, hidden: [] }
    training: { epochs: 1, batch_size: 8 }
    outputs: { images_every: 0 }
    """

  let columns: [[Double]] = [[0.75, 0.5, 0, 0], [0, 0, 0.5, -1]]
  let bias: [Double] = [0.25, 0.5, 0.125, 0.375]
  let deviation = 0.5
  /// What the encoder adds to the right mean, and its variance is multiplied by.
  var shift = 0.0
  var spread = 1.0

  private var variance: Double { deviation * deviation }
  private var lengths: [Double] { columns.map { $0.reduce(0) { $0 + $1 * $1 } } }

  private func coordinates(_ x: [Double]) -> [Double] {
    columns.map { column in zip(column, zip(x, bias)).reduce(0) { $0 + $1.0 * ($1.1.0 - $1.1.1) } }
  }

  /// log p(x), in nats. Along wⱼ/|wⱼ| the variance is |wⱼ|² + s², in all other directions s².
  func logDensity(_ x: [Double]) -> Double {
    var rest = zip(x, bias).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    var sum = Double(x.count) * log(2 * Double.pi)
    for (length, along) in zip(lengths, coordinates(x)) {
      sum += along * along / length / (length + variance) + log(length + variance)
      rest -= along * along / length
    }
    sum += rest / variance + Double(x.count - columns.count) * log(variance)
    return -sum / 2
  }

  /// KL(q(z|x) ‖ p(z|x)): by how much the ELBO is below log p(x).
  var gap: Double {
    lengths.reduce(0) { sum, length in
      let right = variance / (length + variance)
      return sum + 0.5 * (spread - 1 - log(spread) + shift * shift / right)
    }
  }

  /// Puts these weights in place of those of a run's last checkpoint.
  func save(in run: TestRun) throws {
    let store = try RunFolder.open(run.path).checkpoints
    var checkpoint = try store.load(.last)
    var weight: [Double] = []
    var offset: [Double] = []
    for (column, length) in zip(columns, lengths) {
      let row = column.map { $0 / (length + variance) }
      weight += row
      offset.append(shift - zip(row, bias).reduce(0) { $0 + $1.0 * $1.1 })
    }
    weight += Array(repeating: 0, count: 8)
    offset += lengths.map { log(spread * variance / ($0 + variance)) }
    let values = [
      "latent.weight": weight, "latent.bias": offset, "decoder.0.bias": bias,
      "decoder.0.weight": (0..<4).flatMap { row in columns.map { $0[row] } },
    ]
    checkpoint.weights = checkpoint.weights.map { tensor in
      guard let values = values[tensor.name] else { return tensor }
      return NamedTensor(name: tensor.name, shape: tensor.shape, values: values.map { Float($0) })
    }
    try store.save(checkpoint, asEpoch: false, isBest: false)
  }
}
