import ExptTensor

/// A network that is trained against the model, such as a discriminator: fully connected, with one
/// number (a logit) for each row, and with its own loss and optimizer.
///
///     @Section("Tells codes from draws of the prior.") var discriminator = Opponent()
///
///     let judge = Judge(discriminator, "discriminator", in: pass.scope)
///     let fooling = try -logSigmoid(judge.frozen(z)).mean()         // the model's: z learns, judge does not
///     let telling = try judge.loss(real: draws, fake: z)            // the judge's: judge learns, z does not
///
/// Both are taken in the same step, from the parameters as they were before it.
public struct Opponent: Settings {
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

/// An opponent in a graph: rows `[n, width]` to logits `[n]`.
public struct Judge {
  private let settings: Opponent
  private let scope: Scope

  /// - Parameter name: Of its parameters, its optimizer's state and its column in `metrics.csv`.
  public init(_ settings: Opponent, _ name: String, in scope: Scope) {
    self.settings = settings
    self.scope = scope.opponent(name)
  }

  public func callAsFunction(_ rows: Tensor) throws(BuildProblem) -> Tensor {
    try logits(rows, in: scope)
  }

  /// The same with its parameters as constants: gradients go to the rows alone.
  public func frozen(_ rows: Tensor) throws(BuildProblem) -> Tensor {
    try logits(rows, in: scope.frozen)
  }

  /// What it minimises: the cross-entropy of telling `real` rows from `fake` ones, in nats, halved;
  /// log 2 where it cannot tell them apart. No gradient goes to the rows.
  ///
  /// Source: Goodfellow et al., "Generative Adversarial Nets", NIPS 2014, equation 1.
  public func loss(real: Tensor, fake: Tensor) throws(BuildProblem) -> OpponentLoss {
    let onReal = try self(real.stopGradient())
    let onFake = try self(fake.stopGradient())
    return OpponentLoss(
      name: scope.group, value: (logSigmoid(onReal).mean() + logSigmoid(-onFake).mean()) * -0.5,
      optimizer: settings.optimizer)
  }

  private func logits(_ rows: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    var x = rows.flattened()
    for (index, units) in settings.hidden.enumerated() {
      x = try linear(
        x, to: units, activation: .leakyReLU(slope: settings.slope), in: scope.child("\(index)"))
    }
    return try linear(x, to: 1, in: scope.child("\(settings.hidden.count)"))
      .reshaped([rows.shape[0]])
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

  public init(name: String, value: Tensor, optimizer: any Optimizer) {
    self.name = name
    self.value = value
    self.optimizer = optimizer
  }
}
