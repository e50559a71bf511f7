import ExptComponents

extension Catalog {
  /// Every component that comes with expt: one line each, by role.
  public static let builtins: [any Component.Type] = [
    // Models
    AE.self,
    IWAE.self,
    VAE.self,
    // Posteriors
    FullGaussianPosterior.self,
    GaussianPosterior.self,
    // Priors
    GaussianMixturePrior.self,
    StandardNormalPrior.self,
    // Conditions
    FactorCondition.self,
    LabelCondition.self,
    NoCondition.self,
    // Architectures
    Conv.self,
    LayerList.self,
    MLP.self,
    MirrorDecoder.self,
    // Layers
    ActivationLayer.self,
    BatchNormLayer.self,
    ConvLayer.self,
    ConvTransposeLayer.self,
    DropoutLayer.self,
    FlattenLayer.self,
    LayerNormLayer.self,
    LinearLayer.self,
    ReshapeLayer.self,
    ResidualLayer.self,
    UpsampleLayer.self,
    // Likelihoods
    Bernoulli.self,
    ContinuousBernoulli.self,
    DiscretizedLogistic.self,
    Gaussian.self,
    Laplace.self,
    // Corruptions
    GaussianCorruption.self,
    MaskingCorruption.self,
    // Datasets
    CIFAR10.self,
    Digits.self,
    FashionMNIST.self,
    IDXDataset.self,
    Images.self,
    KMNIST.self,
    MNIST.self,
    NPYDataset.self,
    NPZDataset.self,
    Sprites.self,
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
    // Schedules of β and other numbers
    CapacityBeta.self,
    ConstantSchedule.self,
    CyclicalSchedule.self,
    LinearSchedule.self,
    // Searches
    ASHA.self,
    TPE.self,
    // Samplers
    GMMSampler.self,
    GaussianSampler.self,
    // Evaluators
    ActiveUnits.self,
    BetaVAEScore.self,
    C2ST.self,
    DCI.self,
    ELBO.self,
    ELBOTerms.self,
    FactorVAEScore.self,
    Frechet.self,
    IRS.self,
    KID.self,
    KNNAccuracy.self,
    LinearProbe.self,
    MIG.self,
    Modularity.self,
    PRDC.self,
    ReconstructionQuality.self,
    SAP.self,
    // Outputs
    Latents.self,
    Traversals.self,
  ]
}
