import ExptTensor

/// A network that is trained against the model, such as a discriminator: it gives one number (a logit)
/// for each example, and has its own loss and optimizer.
///
///     @Section("Tells codes from draws of the prior.") var discriminator = Opponent()
///
///     let judge = Judge(discriminator, "discriminator", in: pass.scope)
///     let fooling = try -logSigmoid(judge.frozen(z)).mean()         // the model's: z learns, judge does not
///     let telling = try judge.loss(real: draws, fake: z)            // the judge's: judge learns, z does not
///
/// Both are taken in the same step, from the parameters as they were before it.
///
/// What it is given goes through `network`, if there is one, then through fully connected layers of
/// `hidden` units, then through one linear layer to the logit.
public struct Opponent: Settings {
  @OptionalSlot(
    "What its inputs go through before the hidden layers, such as conv for images; null: nothing.",
    .architecture)
  public var network: (any Architecture)? = nil
  @Setting("Units of each hidden layer; [] for none.", .within(1...65536))
  public var hidden: [Int] = [1000, 1000]
  @Setting("Slope of its leaky ReLUs for negative inputs.", .within(0...1))
  public var slope: Float = 0.2
  @Slot("How its gradients are turned into steps.", .optimizer, default: "adam")
  public var optimizer: any Optimizer

  public init() {}

  /// Other defaults.
  ///
  /// - Parameter optimizer: The settings of `adam`.
  public init(hidden: [Int], optimizer settings: KeyValuePairs<String, Double>) {
    _hidden = _hidden.defaulting(to: hidden)
    _optimizer = Slot(
      "How its gradients are turned into steps.", .optimizer, default: "adam", with: settings)
  }
}

/// An opponent in a graph: rows `[n, width]`, or images `[n, channels, height, width]`, to logits `[n]`.
public struct Judge {
  private let settings: Opponent
  private let scope: Scope

  /// - Parameter name: Of its parameters, its optimizer's state and its columns in `metrics.csv`.
  public init(_ settings: Opponent, _ name: String, in scope: Scope) {
    self.settings = settings
    self.scope = scope.opponent(name)
  }

  public func callAsFunction(_ examples: Tensor) throws(BuildProblem) -> Tensor {
    try judged(examples, in: scope).logits
  }

  /// The same with its parameters as constants: gradients go to the examples alone.
  public func frozen(_ examples: Tensor) throws(BuildProblem) -> Tensor {
    try frozenVerdict(on: examples).logits
  }

  /// What it finds in examples, with its parameters as constants, and what it concludes.
  public func frozenVerdict(on examples: Tensor) throws(BuildProblem) -> Verdict {
    try judged(examples, in: scope.frozen)
  }

  public struct Verdict {
    /// What its `network` makes of each example, or its last hidden layer where it has none: `[n, …]`.
    public var features: Tensor
    /// `[n]`.
    public var logits: Tensor
  }

  /// What it minimises: the cross-entropy of telling `real` examples from each kind of `fake` ones, in
  /// nats, the mean over the kinds of examples; log 2 where it cannot tell a single kind from the real ones.
  /// No gradient goes to the examples. `accuracy` counts real and fake examples as much, however many kinds
  /// there are, and where they divide: an opponent of several kinds of fakes that knows nothing rightly
  /// thinks any example fake, so that its logits are about −log kinds, not 0. It is ½ by chance.
  ///
  ///     −(E[log D(real)] + Σ E[log(1 − D(fake))]) / (1 + kinds of fakes)
  ///
  /// Source: Goodfellow et al., "Generative Adversarial Nets", NIPS 2014, equation 1.
  public func loss(real: Tensor, fake: Tensor...) throws(BuildProblem) -> OpponentLoss {
    let kinds = max(1, fake.count)
    let odds = Float(RepeatableMath.log(Double(kinds)))
    let onReal = try self(real.stopGradient())
    var sum = logSigmoid(onReal).mean()
    var caught: Tensor?
    for kind in fake {
      let onFake = try self(kind.stopGradient())
      sum = sum + logSigmoid(-onFake).mean()
      let share = step(-onFake - odds).mean()
      caught = caught.map { $0 + share } ?? share
    }
    let recognised = step(onReal + odds).mean()
    return OpponentLoss(
      name: scope.group, value: sum * (-1 / Float(1 + fake.count)),
      optimizer: settings.optimizer,
      accuracy: caught.map { (recognised + $0 / Float(kinds)) * 0.5 } ?? recognised,
      lossByChance: Self.lossByChance(kinds: kinds))
  }

  /// The loss of one that knows nothing but that one in 1 + k is real: log (1 + k) − k/(1 + k) · log k.
  private static func lossByChance(kinds: Int) -> Double {
    let k = Double(kinds)
    return RepeatableMath.log(1 + k) - k / (1 + k) * RepeatableMath.log(k)
  }

  private func judged(_ examples: Tensor, in scope: Scope) throws(BuildProblem) -> Verdict {
    var x = examples
    var features: Tensor?
    if let network = settings.network {
      x = try located { () throws(BuildProblem) in
        try network.encode(x, in: scope.child("network"))
      }
      features = x
    }
    x = x.flattened()
    for (index, units) in settings.hidden.enumerated() {
      x = try linear(
        x, to: units, activation: .leakyReLU(slope: settings.slope), in: scope.child("\(index)"))
    }
    let logits = try linear(x, to: 1, in: scope.child("\(settings.hidden.count)"))
    return Verdict(
      features: features ?? x, logits: logits.reshaped([examples.shape[0]]))
  }

  private func located(
    _ body: () throws(BuildProblem) -> Tensor
  ) throws(BuildProblem) -> Tensor {
    do { return try body() } catch { throw error.within("network").within(scope.group) }
  }
}

/// What an opponent minimises. Its gradient must reach the opponent's parameters alone, and the model's
/// loss none of them, which is checked when the graph is recorded.
public struct OpponentLoss {
  /// The group of its parameters: `Scope.opponent`.
  public var name: String
  /// A scalar, in nats.
  public var value: Tensor
  public var optimizer: any Optimizer
  /// The share of what it is shown that it gets right, a scalar: a column of `metrics.csv`; nil for one
  /// that does not tell two kinds apart.
  public var accuracy: Tensor?
  /// What `value` is for an opponent that tells nothing apart, in nats: one whose loss is far above it has
  /// diverged. Nil where that is not known.
  public var lossByChance: Double?

  public init(
    name: String, value: Tensor, optimizer: any Optimizer, accuracy: Tensor? = nil,
    lossByChance: Double? = nil
  ) {
    self.name = name
    self.value = value
    self.optimizer = optimizer
    self.accuracy = accuracy
    self.lossByChance = lossByChance
  }
}
