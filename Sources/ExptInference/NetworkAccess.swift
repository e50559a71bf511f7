public import ExptComponents
public import ExptData
public import ExptTensor

/// A network as outputs and commands use it: images to latents, latents to images, in batches.
public struct NetworkAccess: ModelAccess {
  let network: Network
  let batch: Int
  public let presentation: SplitSettings

  /// - Parameters:
  ///   - batch: Images computed at a time.
  ///   - presentation: How the dataset presents its images to the model.
  public init(_ network: Network, batch: Int, presentation: SplitSettings) {
    self.network = network
    self.batch = max(1, batch)
    self.presentation = presentation
  }

  public var image: Shape { network.facts.image }
  public var space: LatentSpace { network.latents.space }
  public var isGenerative: Bool { network.latents.isGenerative }
  public var told: AnnotationFacts { network.told }

  public func encode(_ images: ImageSet) -> Encodings { encode(images, 0..<images.count) }

  /// - Parameter range: Only these of the images. (What an image looks like to a model may depend on its
  ///   number.)
  public func encode(_ images: ImageSet, _ range: Range<Int>) -> Encodings {
    let source = BatchSource.evaluation(images, presentation, range: range, batchSize: batch)
    var means: [Float] = []
    var parameters: [(name: String, values: [Float])] = []
    var kl: [Float]?
    for index in 0..<source.batchCount {
      let plan = network.encoder(batch: source.size(ofBatch: index))
      source.fill(plan.images, plan.inputs, with: index, pool: network.run.pool)
      means += plan.run()
      let described = plan.parameters
      if index == 0 { parameters = described.map { ($0.name, []) } }
      for (place, parameter) in described.enumerated() {
        parameters[place].values += parameter.values
      }
      if let batch = plan.kl { kl = (kl ?? []) + batch }
    }
    return Encodings(
      count: range.count, space: space, mean: means, parameters: parameters, kl: kl,
      annotations: images.annotations.selecting(Array(range)),
      hasStandardPrior: network.latents.hasStandardPrior)
  }

  public func decode(_ latents: [Float], given annotations: Annotations?) -> [Float] {
    let width = space.width
    var images: [Float] = []
    let count = latents.count / width
    for start in stride(from: 0, to: count, by: batch) {
      let range = start..<min(start + batch, count)
      let plan = network.decoder(batch: range.count)
      _ = plan.latents.update(
        fromContentsOf: latents[range.lowerBound * width..<range.upperBound * width])
      plan.inputs.annotate(annotations, range)
      images += plan.run()
    }
    return images
  }

  public func draw(_ latents: [Float], seed: UInt64, given annotations: Annotations?) -> [Float]? {
    let width = space.width
    var images: [Float] = []
    let count = latents.count / width
    let run = network.run
    for start in stride(from: 0, to: count, by: batch) {
      let range = start..<min(start + batch, count)
      guard let plan = network.drawer(batch: range.count) else { return nil }
      _ = plan.latents.update(
        fromContentsOf: latents[range.lowerBound * width..<range.upperBound * width])
      plan.inputs.annotate(annotations, range)
      let training = run.seed
      (run.seed, run.streamShift) = (seed, Network.imageShift)
      run.rows = NoiseRows(examples: range, samples: 0..<1)
      images += plan.run()
      (run.seed, run.streamShift, run.rows) = (training, 0, nil)
    }
    return images
  }

  public func drawPrior(
    _ count: Int, seed: UInt64, given annotations: Annotations?
  ) -> [Float] {
    drawPrior(count, seed: seed, given: annotations, temperature: 1) ?? []
  }

  /// The same with the prior's standard deviations times a factor; nil for a prior that has none.
  public func drawPrior(
    _ count: Int, seed: UInt64, given annotations: Annotations?, temperature: Float
  ) -> [Float]? {
    network.drawPrior(count, seed: seed, given: annotations, temperature: temperature)
  }

  /// Reconstructs images from their latents (the points of the space nearest to the means), one batch at
  /// a time.
  ///
  /// - Parameter take: Gets the reconstructions of a batch, valid during the call.
  public func reconstruct(_ images: ImageSet, _ take: (UnsafeBufferPointer<Float>) -> Void) {
    let source = BatchSource.evaluation(images, presentation, batchSize: batch)
    for index in 0..<source.batchCount {
      let size = source.size(ofBatch: index)
      let encoder = network.encoder(batch: size)
      source.fill(encoder.images, encoder.inputs, with: index, pool: network.run.pool)
      let decoder = network.decoder(batch: size)
      decoder.inputs.annotate(images.annotations, source.numbers(ofBatch: index))
      let means = encoder.run()
      if space.isEuclidean {
        _ = decoder.latents.update(from: means)
      } else {
        _ = decoder.latents.update(from: space.points(nearest: Array(means)))
      }
      take(decoder.run())
    }
  }

  /// The images as the model sees them, in 0 … 1.
  public func presented(_ images: ImageSet) -> [Float] { presented(images, 0..<images.count) }

  /// The same of some of the images.
  public func presented(_ images: ImageSet, _ range: Range<Int>) -> [Float] {
    let source = BatchSource.evaluation(images, presentation, range: range, batchSize: batch)
    var values = [Float](repeating: 0, count: range.count * images.shape.count)
    values.withUnsafeMutableBufferPointer { values in
      for index in 0..<source.batchCount {
        let start = index * batch * images.shape.count
        source.fill(
          UnsafeMutableBufferPointer(rebasing: values[start...]), with: index,
          pool: network.run.pool)
      }
    }
    return values
  }
}

extension BatchSource {
  /// Fills in a batch: its images, and labels and factors where the plan asks for them.
  public func fill(
    _ images: UnsafeMutableBufferPointer<Float>, _ inputs: BatchInputs, with batch: Int,
    pool: ThreadPool?
  ) {
    fill(images, with: batch, pool: pool)
    guard inputs.isConditional else { return }
    inputs.annotate(self.images.annotations, numbers(ofBatch: batch))
  }
}

extension Network {
  /// Draws of the prior have noise of their own.
  fileprivate static let imageShift = Random.stream("/image") ^ Random.stream("draws")
  private static let priorShift = Random.stream("/prior") ^ Random.stream("prior")

  /// See `NetworkAccess.drawPrior`.
  func drawPrior(
    _ count: Int, seed: UInt64, given annotations: Annotations?, temperature: Float
  ) -> [Float]? {
    guard latents.isGenerative, count > 0 else { return [] }
    let space = latents.space
    let (graph, scope) = makeGraph()
    let batch = Batch(count, in: scope)
    let prior = again { () throws(BuildProblem) in
      try model.prior(for: batch, space: space, in: scope)
    }
    guard let drawn = temperature == 1 ? prior : prior?.tempered(temperature) else { return nil }
    let values = drawn.draw(1, batch: count, in: scope).values
    let plan = plan(graph, outputs: [values])
    BatchInputs(plan, facts).annotate(annotations, 0..<count)
    measuring(seed: seed) { plan.forward() }
    return Array(plan.value(of: values))
  }

  /// Runs `body` with the noise of draws of the prior.
  func measuring(seed: UInt64, position: UInt64 = 0, _ body: () -> Void) {
    let (training, before) = (run.seed, run.position)
    (run.seed, run.position, run.streamShift) = (seed, position, Self.priorShift)
    body()
    (run.seed, run.position, run.streamShift) = (training, before, 0)
  }
}
