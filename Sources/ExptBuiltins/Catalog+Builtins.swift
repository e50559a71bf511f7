import ExptComponents

extension Catalog {
  /// Every component that comes with expt: one line each, by role.
  public static let builtins: [any Component.Type] = [
    // Models
    AE.self,
    IWAE.self,
    VAE.self,
    // Architectures
    Conv.self,
    MLP.self,
    MirrorDecoder.self,
    // Likelihoods
    Bernoulli.self,
    // Datasets
    Digits.self,
    FashionMNIST.self,
    KMNIST.self,
    MNIST.self,
    // Optimizers
    Adagrad.self,
    Adam.self,
    AdamW.self,
    RMSprop.self,
    SGD.self,
    // Learning-rate schedules
    ConstantLearningRate.self,
    CosineDecay.self,
    ExponentialDecay.self,
    ReduceOnPlateau.self,
    StepDecay.self,
    // β schedules
    CapacityBeta.self,
    ConstantBeta.self,
    CyclicalBeta.self,
    LinearBeta.self,
  ]
}
