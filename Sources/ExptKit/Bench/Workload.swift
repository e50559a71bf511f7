/// A piece of work whose speed is compared with other programs': W1 to W5.
///
/// The texts are those of `experiments/bench/`, so that an installed program has them; a test
/// compares the two.
enum Workload: String, CaseIterable {
  case w1 = "W1"
  case w2 = "W2"
  case w3 = "W3"
  case w4 = "W4"
  case w5mlp = "W5 mlp"
  case w5conv = "W5 conv"

  /// What it does, in a few words.
  var title: String {
    switch self {
    case .w1: "VAE 784-400-20, batch 128"
    case .w2: "convolutional VAE 28×28, batch 128"
    case .w3: "IWAE network 784-200-200-50, k = 1, batch 20"
    case .w4: "convolutional VAE 3×64×64, batch 64"
    case .w5mlp: "reconstruct with W1's model, batch 512"
    case .w5conv: "reconstruct with W2's model, batch 512"
    }
  }

  /// Whether it only takes images through a model that is there.
  var isReconstruction: Bool { self == .w5mlp || self == .w5conv }

  /// The experiment as a file would hold it.
  var text: String {
    switch self {
    case .w1, .w5mlp: Self.mlp
    case .w2, .w5conv: Self.conv
    case .w3: Self.iwae
    case .w4: Self.conv64
    }
  }

  /// The workloads that a user means: `W5` is both of its parts.
  static func named(_ name: String) -> [Workload] {
    let name = name.lowercased()
    return allCases.filter {
      let own = $0.rawValue.lowercased()
      return own == name || own.hasPrefix(name + " ")
    }
  }

  private static let mlp = """
    name: w1_mlp
    seed: 1
    dataset: { type: mnist, fallback: digits }
    model:
      type: vae
      latent: 20
      likelihood: bernoulli
      encoder: { type: mlp, hidden: [400], activation: relu }
      decoder: { type: mlp, hidden: [400], activation: relu }
    optimizer: { type: adam, learning_rate: 1.0e-3 }
    training: { epochs: 5, batch_size: 128, shuffle: true }
    outputs: { checkpoint_every: 0, images_every: 0 }
    """

  private static let conv = """
    name: w2_conv
    seed: 1
    dataset: { type: mnist, fallback: digits }
    model:
      type: vae
      latent: 16
      likelihood: bernoulli
      encoder:
        type: conv
        channels: [32, 64]
        kernel: 4
        stride: 2
        padding: 1
        hidden: [256]
        activation: relu
      decoder: mirror
    optimizer: { type: adam, learning_rate: 1.0e-3 }
    training: { epochs: 3, batch_size: 128, shuffle: true }
    outputs: { checkpoint_every: 0, images_every: 0 }
    """

  private static let iwae = """
    name: w3_iwae
    seed: 1
    dataset: { type: mnist, binarization: stochastic, fallback: digits }
    model:
      type: iwae
      samples: 1
      latent: 50
      likelihood: bernoulli
      encoder: { type: mlp, hidden: [200, 200], activation: tanh }
      decoder: { type: mlp, hidden: [200, 200], activation: tanh }
    optimizer: { type: adam, learning_rate: 1.0e-3 }
    training: { epochs: 5, batch_size: 20, shuffle: true }
    outputs: { checkpoint_every: 0, images_every: 0 }
    """

  private static let conv64 = """
    name: w4_conv64
    seed: 1
    dataset: { type: sprites, train: 8192, test: 1024, size: 64, colour: true }
    model:
      type: vae
      latent: 128
      likelihood: { type: gaussian, scale: 1 }
      encoder:
        type: conv
        channels: [32, 64, 128, 256]
        kernel: 4
        stride: 2
        padding: 1
        hidden: []
        activation: relu
      decoder: mirror
    optimizer: { type: adam, learning_rate: 1.0e-3 }
    training: { epochs: 3, batch_size: 64, shuffle: true }
    outputs: { checkpoint_every: 0, images_every: 0 }
    """
}
