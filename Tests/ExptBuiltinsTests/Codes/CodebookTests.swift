import ExptBuiltins
import ExptComponents
import ExptDocument
import ExptInference
import ExptTensor
import ExptTesting
import Testing

@Suite("A codebook")
struct CodebookTests {
  private static let width = 3
  private static let size = 5

  /// A codebook that is shown vectors in a graph of its own.
  private final class Shown {
    let store: ParameterStore
    private let plan: Plan
    private let latents: Tensor
    private let first: [FirstValue]

    init(
      rows: Int, decay: Float, restart: Float? = nil, size: Int = CodebookTests.size,
      clusters: Bool = false
    ) {
      let graph = Graph(mode: .training, parameters: ParameterSet())
      let scope = Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] })
      latents = graph.input("latents", [rows, CodebookTests.width], wantsGradient: true)
      let book = Codebook(
        size: size, width: CodebookTests.width, isTrained: false, in: scope.child("codebook"))
      let nearest = book.nearest(to: latents)
      book.follow(latents, nearest, decay: decay, floor: 1e-5, restart: restart)
      first = clusters ? book.firstValues(clustering: latents).values : []
      store = ParameterStore(graph.parameters)
      plan = Plan(
        graph, loss: latents.sum(), outputs: [nearest.index] + first.map(\.value), store: store,
        arena: Arena(), run: RunContext(pool: ThreadPool(threads: 2), seed: 4))
    }

    func show(_ latents: [Float]) {
      _ = plan.input("latents")?.update(fromContentsOf: latents)
      plan.forward()
      plan.moveStates()
    }

    func found() -> [[Float]] { first.map { Array(plan.value(of: $0.value)) } }

    var vectors: [Float] {
      get { store["codebook.vectors"].map { Array($0.values) } ?? [] }
      set { _ = store["codebook.vectors"]?.values.update(fromContentsOf: newValue) }
    }
    var counts: [Float] {
      get { store["codebook.counts"].map { Array($0.values) } ?? [] }
      set { _ = store["codebook.counts"]?.values.update(fromContentsOf: newValue) }
    }
  }

  /// Sums and counts of the vectors nearest to each code, in Double.
  private func assigned(_ latents: [Float], to codes: [Float]) -> (counts: [Double], sums: [Double])
  {
    let width = Self.width
    var counts = [Double](repeating: 0, count: codes.count / width)
    var sums = [Double](repeating: 0, count: codes.count)
    for start in stride(from: 0, to: latents.count, by: width) {
      let distances = counts.indices.map { code in
        (0..<width).reduce(0.0) { sum, column in
          let difference = Double(latents[start + column]) - Double(codes[code * width + column])
          return sum + difference * difference
        }
      }
      let best = distances.indices.min { (distances[$0], $0) < (distances[$1], $1) } ?? 0
      counts[best] += 1
      for column in 0..<width { sums[best * width + column] += Double(latents[start + column]) }
    }
    return (counts, sums)
  }

  private func expectNear(
    _ seen: [Float], _ expected: [Double], _ what: String,
    location: Testing.SourceLocation = #_sourceLocation
  ) {
    let most = zip(seen, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    #expect(
      seen.count == expected.count && most < 1e-5, "\(what): off by \(most)",
      sourceLocation: location)
  }

  @Test func `with γ = 0 takes a step of k-means, and a code that none chose stays put`() {
    let latents = TestNumbers.normal(60 * Self.width, seed: 1)
    let shown = Shown(rows: 60, decay: 0)
    var codes = TestNumbers.normal(Self.size * Self.width, seed: 2).map { $0 * 0.5 }
    codes.replaceSubrange(0..<Self.width, with: [90, 90, 90])
    (shown.vectors, shown.counts) = (codes, [1, 1, 1, 1, 1])
    let (counts, sums) = assigned(latents, to: codes)
    #expect(counts[0] == 0 && counts.dropFirst().allSatisfy { $0 > 0 })
    shown.show(latents)
    #expect(shown.vectors[0..<3] == codes[0..<3])
    let means = sums.indices.map { sums[$0] / max(1, counts[$0 / Self.width]) }
    expectNear(Array(shown.vectors[3...]), Array(means[3...]), "means")
    expectNear(shown.counts, counts, "counts")
  }

  @Test func `stays put for a thousand steps where it is not used, to the bit`() {
    let shown = Shown(rows: 4, decay: 0.9)
    var codes = TestNumbers.normal(Self.size * Self.width, seed: 2)
    codes.replaceSubrange(0..<Self.width, with: [90, 91.7, 92.3])
    (shown.vectors, shown.counts) = (codes, [1, 1, 1, 1, 1])
    for _ in 0..<1000 { shown.show(TestNumbers.normal(4 * Self.width, seed: 3)) }
    #expect(shown.vectors[0..<3] == [90, 91.7, 92.3])
    #expect(shown.vectors != codes && shown.counts[0] < 1e-20)
  }

  /// Moving averages as the paper writes them, mₖ/Nₖ, in Double.
  ///
  /// - Parameter first: What counts begin with, while sums begin with the codes.
  private func averages(
    _ batches: [[Float]], from codes: [Float], decay: Double, first: Double
  ) -> [Double] {
    var counts = [Double](repeating: first, count: codes.count / Self.width)
    var sums = codes.map(Double.init)
    var now = codes
    for latents in batches {
      let seen = assigned(latents, to: now)
      counts = zip(counts, seen.counts).map { decay * $0 + (1 - decay) * $1 }
      sums = zip(sums, seen.sums).map { decay * $0 + (1 - decay) * $1 }
      now = sums.indices.map { Float(sums[$0] / max(counts[$0 / Self.width], 1e-5)) }
    }
    return now.map(Double.init)
  }

  @Test func `is the paper's moving averages, whose counts and sums begin together`() {
    let batches = (0..<6).map { TestNumbers.normal(40 * Self.width, seed: UInt64(10 + $0)) }
    let codes = TestNumbers.normal(Self.size * Self.width, seed: 2)
    let shown = Shown(rows: 40, decay: 0.95)
    (shown.vectors, shown.counts) = (codes, [1, 1, 1, 1, 1])
    batches.forEach(shown.show)
    let expected = averages(batches, from: codes, decay: 0.95, first: 1)
    expectNear(shown.vectors, expected, "codes")
    // The known mistake: counts of 0 beside sums of e multiply a code by 1 / (1 − γ)·n in its first step.
    let wrong = averages(Array(batches.prefix(1)), from: codes, decay: 0.95, first: 0)
    let right = averages(Array(batches.prefix(1)), from: codes, decay: 0.95, first: 1)
    let most = zip(wrong, right).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(most > 1, "the mistake moves codes by \(most) only")
  }

  @Test func `lets codes that are chosen too rarely begin again at a vector of the batch`() {
    let latents = TestNumbers.normal(60 * Self.width, seed: 1)
    let shown = Shown(rows: 60, decay: 0.5, restart: 2)
    var codes = TestNumbers.normal(Self.size * Self.width, seed: 2).map { $0 * 0.5 }
    codes.replaceSubrange(0..<Self.width, with: [90, 90, 90])
    (shown.vectors, shown.counts) = (codes, [3, 30, 30, 30, 30])
    let kept = Shown(rows: 60, decay: 0.5)
    (kept.vectors, kept.counts) = (shown.vectors, shown.counts)
    shown.show(latents)
    kept.show(latents)
    #expect(shown.counts[0] == 2 && shown.counts.dropFirst() == kept.counts.dropFirst())
    #expect(shown.vectors.dropFirst(3) == kept.vectors.dropFirst(3))
    let restarted = Array(shown.vectors.prefix(3))
    let rows = stride(from: 0, to: latents.count, by: 3).map { Array(latents[$0..<$0 + 3]) }
    #expect(rows.contains(restarted))
  }

  @Test func `begins by k-means where it is asked to`() {
    // Four heaps of 25 vectors, far apart.
    let noise = TestNumbers.normal(100 * Self.width, seed: 6)
    let latents = noise.enumerated().map { place, number in
      Float(place / Self.width % 4) * 40 + number
    }
    let shown = Shown(rows: 100, decay: 0.9, size: 4, clusters: true)
    shown.show(latents)
    let (found, counts) = (shown.found()[0], shown.found()[1])
    #expect(counts.reduce(0, +) == 100)
    let (seen, sums) = assigned(latents, to: found)
    let means = sums.indices.map { sums[$0] / max(1, seen[$0 / Self.width]) }
    expectNear(found, means, "a further step of k-means")
    shown.show(latents)
    #expect(shown.found()[0] == found)
  }

  @Test func `has a perplexity of K when all codes are used alike, over the epoch`() {
    #expect(abs(Tally.perplexity([Double](repeating: 7, count: 512)) - 512) < 1e-9)
    #expect(Tally.perplexity([0, 3, 0]) == 1 && Tally.perplexity([0, 0]) == 0)
    let shares = [0.5, 0.25, 0.125, 0.125]  // of 1.75 bits
    #expect(abs(Tally.perplexity(shares) - 3.363585661014858) < 1e-12)
    // Two batches that use a code each use two of them; the mean of their perplexities says one.
    let batches = [[4.0, 0], [0, 4.0]]
    let mean = batches.map(Tally.perplexity).reduce(0, +) / 2
    let whole = Tally.perplexity([4, 4])
    #expect(mean == 1 && abs(whole - 2) < 1e-12)
  }
}

@Suite("A VQ-VAE")
struct VQVAETests {
  /// Each kind of codes and layouts.
  static let kinds = [
    "{type: vq_vae, encoder: {type: conv, channels: [4], hidden: []}, latent: 6, codebook: 9, pieces: 2}",
    """
    {type: vq_vae, encoder: {type: conv, channels: [4], hidden: []}, latent: 4, codebook: 9, levels: 3, \
    gradient: rotation}
    """,
    "{type: vq_vae, encoder: {type: mlp, hidden: [9]}, latent: 12, codebook: 9, pieces: 4, levels: 2}",
    "{type: fsq_ae, encoder: {type: conv, channels: [4], hidden: []}, latent: 6, levels: [3, 4, 2]}",
    "{type: fsq_ae, encoder: {type: mlp, hidden: [9]}, latent: 6, levels: [8, 5]}",
    "{type: lfq_ae, encoder: {type: conv, channels: [4], hidden: []}, latent: 8, bits: 4}",
  ]

  @Test(arguments: kinds)
  func `decodes the numbers of its codes to what it reconstructs`(_ text: String) throws {
    let model = try builtins.make(.model, text)
    let graph = Graph(mode: .evaluation, parameters: ParameterSet())
    let scope = Scope(
      graph, data: DataFacts(image: [1, 8, 8]) { [Float](repeating: 0.4, count: 64) })
    let batch = Batch(5, in: scope)
    let terms = try model.loss(batch, in: LossPass(scope: scope))
    let posterior = try model.encode(batch, in: scope)
    let codes = try #require(posterior.expectation)
    let decoded = try model.decode(codes, given: batch, in: scope)
    let prior = try #require(try model.prior(for: batch, space: posterior.space, in: scope))
    let density = try #require(prior.logDensity(codes))
    let store = ParameterStore(graph.parameters)
    store.initialise(seed: 2)
    for index in store.values.indices { store.values[index] *= 3 }
    for spec in store.specs where spec.name.hasSuffix("vectors") {
      _ = store[spec.name]?.values.update(
        fromContentsOf: TestNumbers.normal(spec.shape.count, seed: 8))
    }
    let plan = Plan(
      graph, outputs: [terms.decoded, codes, decoded, density], store: store, arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: 1), seed: 1))
    _ = plan.input("images")?.update(
      fromContentsOf: TestNumbers.uniform(5 * 64, in: 0...1, seed: 3))
    plan.forward()
    let (grid, size) = try #require(posterior.space.choices)
    let numbers = Array(plan.value(of: codes))
    #expect(numbers.count == 5 * grid.count && posterior.space.width == grid.count)
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < Float(size) && $0 == $0.rounded() })
    #expect(Set(numbers).count > 2, "the test says little of one code")
    #expect(
      relativeDifference(Array(plan.value(of: decoded)), Array(plan.value(of: terms.decoded)))
        < 1e-6)
    // All counts begin alike: each code has the share 1/K.
    let expected = -Float(grid.count) * Float(RepeatableMath.log(Double(size)))
    #expect(plan.value(of: density).allSatisfy { abs($0 / expected - 1) < 1e-5 })
  }

  /// The gradient by the codes is that of Σ ‖sg(z) − e‖², whatever β is: the known mistake multiplies it.
  @Test func `has β on the commitment, not on the codebook's own term`() throws {
    func gradients(_ commitment: Float) throws -> (codes: [Float], encoder: [Float]) {
      let step = try ModelStep(
        """
        {type: vq_vae, encoder: {type: mlp, hidden: [9]}, latent: 4, codebook: 6, update: gradient, \
        commitment: \(commitment)}
        """)
      step.run()
      return (step.gradient("codebook.vectors"), step.gradient("latent.weight"))
    }
    let (low, high) = (try gradients(0.25), try gradients(4))
    #expect(low.codes == high.codes && low.encoder != high.encoder)
    let mistaken = low.codes.map { $0 * 4 }
    #expect(relativeDifference(mistaken, high.codes) > 1)
  }

  @Test func `has counts and codes that move in training alone`() throws {
    let text = "{type: vq_vae, encoder: {type: mlp, hidden: [9]}, latent: 4, codebook: 6}"
    for (mode, moves) in [(Mode.training, true), (.evaluation, false)] {
      let step = try ModelStep(text, mode: mode)
      let before = step.parameter("codebook.vectors") + step.parameter("codebook.counts")
      step.run()
      let after = step.parameter("codebook.vectors") + step.parameter("codebook.counts")
      #expect((before != after) == moves)
      #expect(step["codes"].reduce(0, +) == 6)
    }
  }

  @Test func `refuses a threshold that no code could keep, and pieces that do not fit`() throws {
    let model = try builtins.make(
      .model,
      """
      {type: vq_vae, encoder: {type: conv, channels: [4], hidden: []}, latent: 4, codebook: 64, \
      restart_below: 2}
      """)
    let facts = DataFacts(image: [1, 8, 8]) { [] }
    try model.check(batchSize: 8, of: facts)
    #expect(throws: BuildProblem.self) { try model.check(batchSize: 7, of: facts) }
    do { try model.check(batchSize: 7, of: facts) } catch {
      #expect(error.path == ["restart_below"])
      #expect(error.message.contains("112 latents for 64 codes, 1.75 for each"))
    }
    for (text, place) in [
      ("{type: vq_vae, latent: 5, pieces: 2}", "pieces"),
      ("{type: fsq_ae, latent: 5, levels: [3, 3]}", "levels"),
      ("{type: lfq_ae, latent: 5, bits: 2}", "bits"),
    ] {
      do {
        _ = try ModelStep(text)
        Issue.record("\(text) is taken")
      } catch let problem as BuildProblem { #expect(problem.path == [place]) }
    }
    let problems = #expect(throws: Diagnostics.self) {
      try builtins.make(.model, "{type: vq_vae, update: gradient, restart_below: 1, epsilon: 0.1}")
    }
    #expect(problems?.all.count == 2)
  }
}
