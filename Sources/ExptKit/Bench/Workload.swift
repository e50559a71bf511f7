/// A piece of work whose speed is compared with other programs': W1 to W13, the files of
/// `experiments/bench/`.
enum Workload: String, CaseIterable {
  case w1 = "W1"
  case w2 = "W2"
  case w3 = "W3"
  case w4 = "W4"
  case w5mlp = "W5 mlp"
  case w5conv = "W5 conv"
  case w6 = "W6"
  case w7 = "W7"
  case w8 = "W8"
  case w9 = "W9"
  case w10 = "W10"
  case w11 = "W11"
  case w12 = "W12"
  case w13 = "W13"

  /// What it does, in a few words.
  var title: String {
    switch self {
    case .w1: "VAE 784-400-20, batch 128"
    case .w2: "convolutional VAE 28×28, batch 128"
    case .w3: "IWAE network 784-200-200-50, k = 1, batch 20"
    case .w4: "convolutional VAE 3×64×64, batch 64"
    case .w5mlp: "reconstruct with W1's model, batch 512"
    case .w5conv: "reconstruct with W2's model, batch 512"
    case .w6: "VQ-VAE 3×32×32, 128 channels, 512 codes, batch 128"
    case .w7: "IWAE 784-200-200-50, k = 50, batch 20"
    case .w8: "β-TCVAE 4096-1200-1200-10, batch 1,024"
    case .w9: "sparse autoencoder 512-8,192, 32 at a time, batch 4,096"
    case .w10: "VAE with 8 IAF steps, batch 128"
    case .w11: "residual VAE 3×128×128, batch 32"
    case .w12: "convolutional VAE 3×256×256, batch 16"
    case .w13: "convolutional VAE 3×64×64, 2,048 channels, 400 latents, batch 16"
    }
  }

  /// Whether it only takes images through a model that is there.
  var isReconstruction: Bool { self == .w5mlp || self == .w5conv }

  /// The experiment as its file holds it.
  var text: String {
    IncludedExample.workloads.first { $0.name.hasPrefix(prefix) }?.text ?? ""
  }

  /// What the name of its file begins with.
  private var prefix: String {
    switch self {
    case .w5mlp: "w1_"
    case .w5conv: "w2_"
    default: rawValue.lowercased() + "_"
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
}
