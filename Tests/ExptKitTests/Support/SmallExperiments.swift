/// Experiments small enough to run dozens of times, that between them use every kind of
/// computation: matrix products, convolutions, batch normalisation, noise, importance samples.
enum SmallExperiments {
  static let all = ["vae": vae, "ae": convolutionalAE, "iwae": iwae, "joint": joint]

  static let vae = """
    dataset: { type: digits, train: 700, test: 50, validation: 100 }
    model:
      type: vae
      latent: 5
      beta: { type: linear, from: 0, to: 1, epochs: 2 }
      encoder: { type: mlp, hidden: [37], activation: relu }
    optimizer: { type: adam, learning_rate: 2.0e-3, schedule: cosine, clip_norm: 50 }
    training: { epochs: 3, batch_size: 48, accumulate: 2 }
    """

  static let convolutionalAE = """
    dataset: { type: digits, train: 300, test: 50, validation: 60 }
    model:
      type: ae
      latent: 6
      likelihood: gaussian
      corruption: { type: gaussian, deviation: 0.2 }
      encoder: { type: conv, channels: [5, 7], kernel: 4, stride: 2, padding: 1, batch_norm: true }
    optimizer: { type: sgd, learning_rate: 1.0e-4, momentum: 0.9 }
    training: { epochs: 3, batch_size: 32 }
    """

  static let iwae = """
    dataset:
      { type: digits, train: 300, test: 50, validation: 60, binarization: stochastic }
    model:
      type: iwae
      latent: 4
      samples: 3
      output_bias: data_mean
      encoder: { type: mlp, hidden: [31, 17], activation: tanh }
    optimizer: { type: rmsprop, learning_rate: 1.0e-3 }
    training: { epochs: 3, batch_size: 20 }
    """

  /// Numbers, a choice, a sphere and switches.
  static let joint = """
    dataset: { type: digits, train: 300, test: 50, validation: 60 }
    model:
      type: vae
      latent: 8
      posterior:
        type: groups
        groups:
          style: { latent: 2 }
          digit:
            latent: 1
            posterior:
              type: categorical
              size: 7
              temperature: { type: exponential, from: 1, to: 0.5, epochs: 3 }
          place: { latent: 3, posterior: von_mises_fisher }
          "on": { latent: 2, posterior: { type: bernoulli, hard: true } }
      prior: groups
      encoder: { type: mlp, hidden: [23] }
    optimizer: { type: adam, learning_rate: 1.0e-3 }
    training: { epochs: 3, batch_size: 32 }
    """
}
