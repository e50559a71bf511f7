import ExptTensor

/// What every autoencoder has: a latent size, an encoder, a decoder, a likelihood, and perhaps a
/// condition.
///
/// A model file adds its loss. Parameters are named `encoder.…`, `latent.…`, `decoder.…`,
/// `likelihood.…` and `condition.…`.
public struct AutoencoderParts: Settings {
  public enum OutputBias: String, NamedChoice {
    case drawn
    case dataMean = "data_mean"
  }

  @Setting("Number of latent dimensions.", .within(1...65536)) public var latent: Int = 20
  @Slot(
    "p(x|z): the distribution of an image, given the decoder's output.", .likelihood,
    default: "bernoulli")
  public var likelihood: any Likelihood
  @Slot("Turns images into features.", .architecture, default: "mlp")
  public var encoder: any Architecture
  @Slot(
    "Turns latents into images; mirror: the encoder in reverse.", .architecture, default: "mirror")
  public var decoder: any Architecture
  @Setting("Initial values of the decoder's last bias: random, or from the mean image of the data.")
  public var outputBias: OutputBias = .drawn
  @Slot(
    "What the encoder, decoder and prior are conditioned on, such as an image's class.", .condition,
    default: "none")
  public var condition: any Condition
  @Section("Pixels that the model is not shown, and not asked for.") public var missing =
    MissingPixels()

  public init() {}

  public func check(_ report: SettingsReport) {
    if missing.share > 0, !likelihood.takesMissing {
      report.error(
        "'\(type(of: likelihood).id)' does not say what a single pixel is worth, so that none can be missing",
        at: "missing", help: "use another likelihood, such as bernoulli or gaussian")
    }
  }

  /// What the encoder makes of each example, `[batch, n]` or a map `[batch, channels, height, width]`.
  ///
  /// - Parameter examples: What it sees; nil: the batch's examples as they are.
  public func features(
    of batch: Batch, seeing examples: Tensor? = nil, in scope: Scope
  ) throws(BuildProblem) -> Tensor {
    let shown = shown(examples ?? batch.examples, of: batch)
    let seen = try conditioned(shown, batch, in: scope)
    return try locating("encoder") { () throws(BuildProblem) in
      try encoder.encode(seen, in: scope.child("encoder"))
    }
  }

  /// `width` numbers for each example: features through one linear layer, `latent`.
  public func head(
    _ width: Int, of batch: Batch, seeing examples: Tensor? = nil, in scope: Scope
  ) throws(BuildProblem) -> Tensor {
    try linear(
      features(of: batch, seeing: examples, in: scope).flattened(), to: width,
      in: scope.child("latent"))
  }

  /// The condition of each example, `[batch, n]`; nil without one.
  public func conditionRows(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> Tensor? {
    if let rows = batch.condition { return rows }
    return try locating("condition") { () throws(BuildProblem) in
      try condition.rows(of: batch, in: scope.child("condition"))
    }
  }

  /// The examples with their condition as one more channel, a linear map of its rows.
  private func conditioned(
    _ examples: Tensor, _ batch: Batch, in scope: Scope
  ) throws(BuildProblem) -> Tensor {
    guard let rows = try conditionRows(batch, in: scope) else { return examples }
    let (count, shape) = (examples.shape[0], examples.shape.withoutBatch)
    let area = shape[1] * shape[2]
    let map = try linear(rows, to: area, in: scope.child("condition").child("map"))
      .repeatedExamples(count / batch.count)
    return concatenate(examples, map.reshaped([count, 1, shape[1], shape[2]]))
  }

  /// The shape of an example's features, `[n]` or `[channels, height, width]`, found out apart from any
  /// model's graph.
  public func featureShape(in data: DataFacts) throws(BuildProblem) -> Shape {
    let scope = Scope(Graph(mode: .evaluation, parameters: ParameterSet()), data: data)
    return try features(of: Batch(1, in: scope), in: scope).shape.withoutBatch
  }

  /// The likelihood's parameters for latents: `[rows]` and the likelihood's
  /// `outputShape`.
  ///
  /// - Parameter latents: `[batch · samples, width]`, the samples of an example in consecutive rows, or
  ///   a map, `[batch · samples, channels, height, width]`.
  public func decode(_ latents: Tensor, given batch: Batch, in scope: Scope) throws(BuildProblem)
    -> Tensor
  {
    var seen = latents
    if let rows = try conditionRows(batch, in: scope) {
      seen = concatenate(
        latents.flattened(), rows.repeatedExamples(latents.shape[0] / batch.count))
    }
    let image = scope.data.image
    let table = scope.data.table
    let shape = try locating("likelihood") { () throws(BuildProblem) in
      try likelihood.following(table).outputShape(for: image)
    }
    return try locating("decoder") { () throws(BuildProblem) in
      try decoder.asDecoder(for: encoder, image: image)
        .decode(
          seen, to: DecoderTarget(shape: shape, bias: initialBias(scope.data)),
          in: scope.child("decoder"))
    }
  }

  /// −log p(x | z) of each decoded image in nats, `[batch · samples]`: of its observed pixels, where some
  /// are missing.
  ///
  /// - Parameter decoded: For latents with several samples of an image in consecutive rows, the
  ///   image is compared with each of them.
  public func negativeLogLikelihood(_ decoded: Tensor, of batch: Batch, in scope: Scope) -> Tensor {
    let samples = decoded.shape[0] / batch.count
    let images = batch.examples.repeatedExamples(samples)
    let likelihood = likelihood.following(scope.data.table)
    let scope = scope.child("likelihood")
    guard let observed = missing.observed(batch) else {
      return likelihood.negativeLogLikelihood(decoded, images: images, in: scope)
    }
    return likelihood.negativeLogLikelihood(
      decoded, images: images, observed: observed.repeatedExamples(samples), in: scope)
  }

  /// Examples as the encoder sees them: 0 where pixels are missing, and with `tell` one more set of
  /// channels that says where. Of a table, see `TableColumns.shown`.
  public func shown(_ examples: Tensor, of batch: Batch) -> Tensor {
    let observed = missing.observed(batch)?.repeatedExamples(examples.shape[0] / batch.count)
    if let table = batch.table {
      let shown = table.shown(examples, observed: observed)
      guard let observed, missing.tell else { return shown }
      return table.telling(shown, observed)
    }
    guard let observed else { return examples }
    let shown = examples * observed
    return missing.tell ? concatenate(shown, observed) : shown
  }

  private func initialBias(_ data: DataFacts) -> (@Sendable () -> [Float])? {
    guard outputBias == .dataMean else { return nil }
    let (likelihood, image) = (likelihood.following(data.table), data.image)
    return { likelihood.output(forMean: data.pixelMean(), image: image) }
  }
}
