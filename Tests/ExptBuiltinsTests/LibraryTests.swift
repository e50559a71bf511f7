import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@testable import ExptBuiltins

// Expected numbers are other libraries', printed by Tests/Python/libraries.py, which tells their versions
// and where their conventions are not expt's: TensorFlow Probability on JAX (0.26.0.dev20261027), scvi-tools
// (1.4.2), vector-quantize-pytorch (1.32.0), SAELens (6.54.12), pythae (0.1.2), pytorch-msssim (1.0.0),
// POT (0.9.7.post1) and optax (0.2.8). They are of double precision, but for the codebooks.

/// To 1e-5 of each number, or of 0.1 where it is smaller.
private func expectSame(
  _ seen: [Float], _ expected: [Double], _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let isSame =
    seen.count == expected.count
    && zip(seen, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 * max(abs($1), 0.1) }
  #expect(isSame, "\(what): \(seen), not \(expected)", sourceLocation: sourceLocation)
}

/// To 1e-5 of the largest.
private func expectGradient(
  _ seen: [Float], _ expected: [Double], _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = largestError(seen, expected)
  #expect(
    error < 1e-5, "\(what) is \(error) off: \(seen), not \(expected)",
    sourceLocation: sourceLocation)
}

@Suite("Likelihoods beside other libraries")
struct LibraryLikelihoodTests {
  private static let counts: [Float] = [0, 1, 3, 12, 0, 40]
  private static let logMeans: [Float] = [-1, 0.5, 1, 2, 3, 3.5]
  /// For expt's logit of π, which is 2 less.
  private static let zeroLogits: [Float] = [0, 1, -2, 3, 2.5, 0.5]
  private static let pixels: [Float] = [0.125, 0.75, 0.5, 0.25, 0.875, 0.625]
  private static let decoded: [Float] = [-2, -0.5, 0, 0.25, 1.75, 4]
  private static let levels: [Float] = [0, 51, 128, 200, 255, 254].map { $0 / 255 }
  private static let locations: [Float] = [0.125, 0.25, 0.5, 0.625, 0.9375, 0.875]

  /// log p(x|z) of each example.
  private func logProbabilities(
    _ text: String, _ parameters: [Float], _ images: [Float], image: Shape = [1, 1, 1]
  ) throws -> [Float] {
    let likelihood: any Likelihood = try network(.likelihood, text)
    let count = images.count / image.count
    let output = try likelihood.outputShape(for: image)
    return GraphRun([(output.batched(count), parameters), (image.batched(count), images)]) {
      graph, x in
      -likelihood.negativeLogLikelihood(
        x[0], images: x[1], in: Scope(graph, data: .black(image)))
    }.output
  }

  @Test func `counts are scvi-tools' and TensorFlow Probability's`() throws {
    let (x, l) = (Self.counts, Self.logMeans)
    let text = "{ type: negative_binomial, dispersion: 2 }"
    let seen = try logProbabilities(text, l, x)
    expectSame(
      seen, [-0.3376952454, -1.303688759, -1.984634837, -3.402382997, -4.803551543, -4.363066496],
      "NB")
    expectSame(
      seen, [-0.337695247, -1.303688767, -1.984634847, -3.402383009, -4.803551552, -4.363066507],
      "NB")
    let numbers = zip(l, Self.zeroLogits).flatMap { [$0, $1] }
    expectSame(
      try logProbabilities("{ type: zinb, dispersion: 2 }", numbers, x),
      [-0.290921022, -1.616950446, -2.002784765, -4.715644685, -0.4691154157, -4.564479774], "ZINB")
    expectSame(
      try logProbabilities(
        "{ type: negative_binomial, dispersion: 2, library: observed }", l, x, image: [1, 1, 6]),
      [-16.12736519], "NB, of a library size")
    expectSame(
      try logProbabilities("poisson", l, x),
      [-0.3678794412, -1.148721271, -1.510041298, -3.376270595, -20.08553692, -3.436091673],
      "Poisson")
  }

  @Test func `densities are TensorFlow Probability's`() throws {
    let cases: [(text: String, expected: [Double])] = [
      (
        "{ type: student_t, scale: 0.25, degrees_of_freedom: 2.5 }",
        [-5.576597573, -3.82666196, -1.302490261, 0.3696547677, -2.736511846, -7.160092681]
      ),
      (
        "{ type: beta, concentration: 4 }",
        [0.6968732637, -0.5775572772, 0.4054651081, -0.1954994916, 0.8071878799, -2.970743956]
      ),
      (
        "continuous_bernoulli",
        [0.5885606384, -0.135395051, 0, -0.06510281167, 0.5317526546, -0.09522019205]
      ),
      (
        "{ type: laplace, scale: 0.25 }",
        [-7.806852819, -4.306852819, -1.306852819, 0.6931471806, -2.806852819, -12.80685282]
      ),
      (
        "{ type: gaussian, scale: 0.25 }",
        [-35.65764417, -12.03264417, -1.532644172, 0.4673558279, -5.657644172, -90.65764417]
      ),
    ]
    for (text, expected) in cases {
      expectSame(try logProbabilities(text, Self.decoded, Self.pixels), expected, text)
    }
  }

  /// Both end bins and one beside an end.
  @Test func `levels are those of a quantized logistic distribution and of mixtures of them`()
    throws
  {
    expectSame(
      try logProbabilities(
        "{ type: discretized_logistic, scale: 0.0625 }", Self.locations, Self.levels),
      [-2.099347244, -4.310922654, -4.155297188, -5.468105108, -1.290423739, -4.975108853], "one")
    let text = "{ type: logistic_mixture, components: 2, initial_scale: 0.125 }"
    let numbers: [Float] = [0.5, -0.25, 0.25, 0.75, -0.5, 0.25]
    expectSame(
      try logProbabilities(text, Array(repeating: numbers, count: 6).flatMap(\.self), Self.levels),
      [-3.581389561, -4.812018748, -6.068350283, -6.230784201, -2.874917353, -6.771113459], "two")
    // Two logits; two means of each channel, then scales; the coefficients (1, 0), (2, 0) and (2, 1).
    let colour: [Float] = [
      0.5, -0.25, 0.25, 0.125, 0.5, 0.25, 0.875, 0.75, 0, 0.5, -0.5, 0.25, 0.25, -0.25, 0.5, -0.5,
      -0.25, 0.75, 1, 0.25,
    ]
    expectSame(
      try logProbabilities(text, colour, [51, 128, 255].map { $0 / 255 }, image: [3, 1, 1]),
      [-10.15348302], "two, of colour")
  }

  /// Of an image of five scales.
  @Test func `structural similarity is pytorch-msssim's`() throws {
    let places = (0..<176).flatMap { row in (0..<192).map { (row: row, column: $0) } }
    let image = places.map {
      Float((7 * $0.row + 3 * $0.column) % 11 + $0.row / 16 % 3 * 2) / 16
    }
    let logits = places.map {
      Float((5 * $0.row + 2 * $0.column) % 13) / 8 + Float($0.row / 16 % 3) - 1.5
    }
    let seen = try logProbabilities("ms_ssim", logits, image, image: [1, 176, 192])
    expectSame(seen.map { -$0 }, [11543.90276], "MS-SSIM")
  }
}

@Suite("Codes beside vector-quantize-pytorch")
struct LibraryCodeTests {
  /// Of three images, two for each.
  private static let vectors: [Float] = [
    0.25, 0.5, 1, 0.25, 0, 0.75, 0.875, 0.125, 0.5, 0.625, 0.375, 0.125,
  ]
  private static let later: [Float] = [
    0.125, 0.5, 0.75, 0.25, 0.25, 1, 1, 0, 0.625, 0.5, 0.5, 0.125,
  ]
  private static let codes: [Float] = [0, 0.5, 1, 0, 0.5, 1]
  private static let identity: [Float] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]

  /// Whose latents are the pixels, and whose images are the codes.
  private func step(_ settings: String) throws -> ModelStep {
    let step = try ModelStep(
      """
      {type: vq_vae, latent: 4, pieces: 2, codebook: 3, decay: 0.75, \(settings), \
      encoder: {type: mlp, hidden: []}, likelihood: {type: gaussian, scale: 1}}
      """, image: [1, 1, 4], batch: 3, images: Self.vectors)
    for part in ["latent", "decoder.0"] {
      step.set(part + ".weight", Self.identity)
      step.set(part + ".bias", [0, 0, 0, 0])
    }
    return step
  }

  @Test func `two steps of a codebook that follows`() throws {
    let step = try step("levels: 1")
    step.set("codebook.vectors", Self.codes)
    step.run()
    expectSame(step["commitment"], [0.2135416716], "commitment")
    expectSame(step.parameter("codebook.counts"), [1.5, 1.25, 1], "counts")
    expectSame(
      step.parameter("codebook.vectors"),
      [0.1041666642, 0.4791666567, 0.9750000238, 0.07500000298, 0.5, 0.90625], "codes")
    step.show(Self.later)
    step.run()
    expectSame(step["commitment"], [0.1894820929], "commitment, then")
    expectSame(step.parameter("codebook.counts"), [1.375, 1.6875, 1.25], "counts, then")
    expectSame(
      step.parameter("codebook.vectors"),
      [0.1079545468, 0.4829545319, 0.875, 0.09722222388, 0.474999994, 0.84375], "codes, then")
  }

  @Test func `residual levels`() throws {
    let step = try step("levels: 2")
    step.set("codebook.0.vectors", Self.codes)
    step.set("codebook.1.vectors", [0.125, 0, -0.125, 0.25, 0, -0.25])
    step.run()
    expectSame(step["commitment"], [0.2916666865], "commitment")
    expectSame(
      step["decoded"], [0.125, 0.5, 0.875, 0.25, -0.125, 0.75, 0.875, 0.25, 0.5, 0.75, 0, 0.25],
      "sums")
    expectSame(
      step.parameter("codebook.0.counts"), [1.5, 1.25, 1], "counts of level 0")
    expectSame(
      step.parameter("codebook.0.vectors"),
      [0.1041666642, 0.4791666567, 0.9750000238, 0.07500000298, 0.5, 0.90625], "codes of level 0")
    expectSame(
      step.parameter("codebook.1.counts"), [1, 1.5, 1.25], "counts of level 1")
    expectSame(
      step.parameter("codebook.1.vectors"),
      [0.15625, 0, -0.08333333582, 0.2291666716, 0.07500000298, -0.3000000119], "codes of level 1")
  }

  @Test func `the gradient that is turned with the code`() {
    let nearest = [0, 1, 0, 1, 2, 0].flatMap { Self.codes[$0 * 2..<$0 * 2 + 2] }
    let weights: [Float] = [1, -0.5, 0.25, 2, -1, 0.75, 0.5, 0.5, 2, -1, -0.25, 1]
    let run = GraphRun([([6, 2], Self.vectors), ([6, 2], nearest)], weights: weights) { _, x in
      CodeGradient.rotation.passing(x[1], through: x[0])
    }
    expectSame(run.output, nearest.map(Double.init), "codes")
    expectGradient(
      run.inputGradients[0],
      [
        0.6000000238, -0.7999999523, -0.235294044, 1.941176534, -0.6666666865, 0.5, 0.4799998999,
        0.6400000453, 2.439024448, -1.951219559, 1.100000143, 0.7000001669,
      ], "the gradient")
  }

  @Test func `finite scalars, their numbers and their gradient`() {
    let rows: [Float] = [-2, -0.75, 0.25, 0.5, 1.25, -0.5, 0.125, -0.25, 3]
    func expectAlike(
      _ levels: [Int], _ values: [Double], _ numbers: [Double], _ gradient: [Double]
    ) {
      let scalars = FiniteScalars(levels)
      let weights: [Float] = [1, -0.5, 2, 1, -0.5, 2, 1, -0.5, 2]
      let run = GraphRun([([3, 3], rows)], weights: weights) { _, x in scalars.quantized(x[0]) }
      expectSame(run.output, values, "values of \(levels)")
      expectGradient(run.inputGradients[0], gradient, "the gradient of \(levels)")
      let found = GraphRun([([3, 3], rows)]) { _, x in scalars.indices(of: x[0]) }.output
      expectSame(found, numbers, "numbers of \(levels)")
    }
    expectAlike(
      [8, 5, 4], [-1, -0.5, 0, 0.25, 1, -0.5, 0, 0, 0.5], [88, 77, 140],
      [
        0.08150525365, -0.298591197, 1.072793913, 0.5938830258, -0.1403476405, 1.466535092,
        0.8155629137, -0.4704774318, 0.007430826958,
      ])
    expectAlike(
      [3, 6, 7],
      [-1, -0.6666666667, 0.3333333333, 0, 0.6666666667, -0.3333333333, 0, -0.3333333333, 1],
      [75, 52, 115],
      [
        0.07072147568, -0.3133848652, 1.881909727, 0.7872341807, -0.08209945277, 1.574468361,
        0.9855208673, -0.4161446679, 0.01975180641,
      ])
  }

  /// The library's commitment is that of all images.
  @Test func `signs, their numbers, entropies and commitment`() throws {
    let rows: [Float] = [0.5, -0.25, 0.125, -1, 0.75, 0.25, 0.25, 0.5, -0.75, -0.125, 0.375, 1]
    let found = GraphRun([([4, 3], rows)]) { _, x in SignBits(3).indices(of: x[0]) }.output
    expectSame(found, [5, 6, 3, 6], "numbers")
    let step = try ModelStep(
      """
      {type: lfq_ae, latent: 3, bits: 3, temperature: 2, encoder: {type: mlp, hidden: []}, \
      likelihood: {type: gaussian, scale: 1}}
      """, image: [1, 1, 3], batch: 4, images: rows)
    step.set("latent.weight", [1, 0, 0, 0, 1, 0, 0, 0, 1])
    step.set("latent.bias", [0, 0, 0])
    step.run()
    expectSame(
      step["choice_entropy"] + step["code_entropy"], [1.707999229, 2.011976957],
      "entropies")
    expectSame(step["commitment"].map { $0 * 4 }, [4.234375], "commitment")
  }
}

/// Squared errors are those of a Gaussian of σ² = ½, but for ½ log π a pixel.
@Suite("Sparse autoencoders beside SAELens")
struct LibraryDictionaryTests {
  private static let images: [Float] = [0.5, 1, 0.25, 0.75, 1, 0.125, 0.5, 0, 0.25, 0.75, 1, 0.5]
  private static let dictionary: [Float] = [
    0.5, 1, -0.25, 0.5, 1, -0.5, 0.75, 0.25, -0.5, 0.25, 1, 0.5, 0.25, 0.75, 0.5, -1, 0.75, 0.5,
    0.25, 0.125,
  ]
  private static let encoder: [Float] = [
    0.75, 1, 0.25, -0.5, 1, 0.25, -0.5, 0.5, 0.5, -0.25, 1, 0.25, 0.25, 0.5, 0.75, 1, -0.5, 1,
    0.125, 0.75,
  ]
  private static let constant = 2 * log(Double.pi)

  /// After a step of five latents of four pixels.
  private func step(
    _ activation: String, _ settings: String = "aux_weight: 0", set others: [String: [Float]] = [:]
  ) throws -> ModelStep {
    let step = try ModelStep(
      """
      {type: sparse_ae, latent: 5, patterns: weighted, activation: {\(activation)}, \(settings), \
      likelihood: {type: gaussian, scale: 0.70710678}}
      """, image: [1, 1, 4], batch: 3, images: Self.images)
    let values =
      [
        "dictionary": Self.dictionary, "encoder.weight": Self.encoder,
        "encoder.bias": [0.125, -0.25, 0, 0.25, 0.5], "bias": [0.125, 0.25, -0.125, 0],
      ].merging(others) { $1 }
    for (name, values) in values {
      #expect(step.parameter(name).count == values.count, "\(name)")
      step.set(name, values)
    }
    step.run()
    return step
  }

  /// The squared error, latents that are on, and the gradients of the loss by all parameters that it shares.
  private func expectSameStep(
    _ step: ModelStep, error: Double, on: [Double], dictionary: [Double]? = nil,
    encoder: [Double], encoderBias: [Double], bias: [Double]? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectSame(
      step["reconstruction"], [error + Self.constant], "error", sourceLocation: sourceLocation)
    expectSame(step["l0"], on, "latents on", sourceLocation: sourceLocation)
    let expected = [
      ("dictionary", dictionary), ("encoder.weight", encoder), ("encoder.bias", encoderBias),
      ("bias", bias),
    ]
    for case (let name, let values?) in expected {
      expectGradient(
        step.gradient(name), values, "the gradient of \(name)", sourceLocation: sourceLocation)
    }
  }

  @Test func `a penalty on latents times the lengths of their patterns`() throws {
    let step = try step("type: l1, weight: 0.5")
    expectSameStep(
      step, error: 9.671309153, on: [4.666666667],
      dictionary: [
        1.647688802, 3.866666667, 1.958626302, -1.21258138, 0.6581603832, 0.9990041183,
        0.7890100986, -0.4304509524, 1.144482422, 4.292382812, 2.593115234, -1.212963867,
        3.662972306, 7.296859626, 4.18857482, -3.679232974, 3.786306581, 5.303365629, 3.111521682,
        -2.728540917,
      ],
      encoder: [
        1.763997396, 1.926106771, 3.286132812, 2.062825521, 0.3480976862, 1.074561538, 0.3985465083,
        1.049337127, 1.434814453, 0.5370279948, 1.728597005, 0.7029622396, 2.618405502, 3.699371902,
        5.29298677, 3.851515655, 1.543277321, 2.307666204, 3.132882482, 2.388789634,
      ],
      encoderBias: [4.442708333, 1.197320881, 2.473307292, 7.345460489, 4.417990954],
      bias: [-3.604312922, -7.829016263, -6.559689003, -11.33557638])
    expectSame(step["penalty"].map { $0 * 0.5 }, [2.799518623], "penalty")
  }

  /// expt takes the error itself off what dead latents learn from. SAELens does not rectify them: none that
  /// is chosen here is below 0.
  @Test func `the greatest latents, and dead ones that learn from the rest`() throws {
    let step = try step(
      "type: top_k, k: 2", "aux_weight: 0.25, aux_latents: 2, dead_after: 10",
      set: ["idle": [0, 50, 0, 50, 50]])
    expectSameStep(
      step, error: 7.610598246,
      on: [2],
      dictionary: [
        0, 0, 0, 0, -0.03295898438, 0.07360839844, 0.07287597656, -0.05310058594, -0.8772786458,
        0.7690429688, 0.6608072917, -0.2392578125, 4.33577474, 6.728027344, 3.15234375,
        -8.103434245, 4.418823242, 5.040771484, 2.167114258, -6.687438965,
      ],
      encoder: [
        0, 0, 0, 0, -0.08829752604, 0.01261393229, -0.06306966146, 0, 0.9376627604, -0.1339518229,
        0.6697591146, 0, 3.213012695, 4.912231445, 6.822143555, 5.078857422, 0.8858439128,
        2.215677897, 2.661804199, 2.215677897,
      ], encoderBias: [0, -0.1009114583, 1.071614583, 9.418945312, 3.546223958],
      bias: [0.01472981771, -5.238606771, -7.296223958, -15.50439453])
    expectSame(
      step["aux"],
      [
        7.356707255 / 0.25
          - 7.610598246
      ], "aux")
  }

  /// SAELens' threshold is a moving average that begins at 0; expt's is the same sum, divided by its weight.
  @Test func `the greatest latents of a batch, and their threshold`() throws {
    let step = try step("type: batch_top_k, k: 2, decay: 0.875")
    expectSameStep(
      step, error: 7.108523051,
      on: [2],
      dictionary: [
        0, 0, 0, 0, 0, 0, 0, 0, -0.3719075521, 1.818196615, 1.421061198, -0.867594401, 2.585611979,
        4.043619792, 2.775065104, -4.672363281, 2.280843099, 3.428059896, 2.34383138, -4.103149414,
      ],
      encoder: [
        0, 0, 0, 0, 0, 0, 0, 0, 0.9579264323, 0.07926432292, 1.116455078, 0.2086588542, 1.360188802,
        3.376790365, 3.985839844, 3.376790365, 0.5520426432, 1.393351237, 1.709106445, 1.393351237,
      ], encoderBias: [0, 0, 1.452473958, 5.377604167, 2.243489583],
      bias: [-0.4593098958, -2.084798177, -3.932779948, -9.65250651])
    expectSame(
      step.parameter("activation.threshold_sum"), [0.13671875], "threshold")
  }

  @Test func `a prefix of the dictionary that reconstructs too`() throws {
    let step = try step("type: batch_top_k, k: 4", "prefixes: [2], aux_weight: 0")
    expectSameStep(
      step, error: 9.836184184,
      on: [4],
      dictionary: [
        1.525716146, 4.173502604, 0.6910807292, -1.366048177, 0.8450520833, 0.6796875, 0.47265625,
        -0.544921875, 1.120442708, 4.294433594, 2.057291667, -1.455240885, 3.355143229, 6.963541667,
        3.789388021, -3.173665365, 3.375569661, 5.00797526, 2.963297526, -2.799438477,
      ],
      encoder: [
        2.211914062, 1.870768229, 3.818684896, 2.074544271, 0.5426025391, 1.085205078, 0.5426025391,
        1.085205078, 1.106770833, 0.30859375, 1.256184896, 0.4425455729, 2.299479167, 3.443359375,
        4.804361979, 3.56624349, 0.8967692057, 2.192179362, 2.491333008, 2.192179362,
      ], encoderBias: [5.067708333, 1.446940104, 1.80078125, 6.654947917, 3.454427083],
      bias: [-4.26171875, -6.578857422, -6.996419271, -9.552246094])
    expectSame(
      step["prefixes"],
      [
        1.409261068
          + Self.constant
      ], "prefixes")
  }

  @Test func `thresholds that learn, by their logarithms`() throws {
    let thresholds: [Float] = [0.6875, 0.6875, 1, 1.6875, 0.25]
    let step = try step(
      "type: jump_relu, weight: 0.5, bandwidth: 0.5",
      set: ["activation.log_threshold": thresholds.map { Float(log(Double($0))) }])
    expectSameStep(
      step, error: 9.061566671, on: [3],
      dictionary: [
        1.080403646, 3.321940104, 1.139648438, -1.177246094, 0, 0, 0, 0, 0.2211914062, 3.004394531,
        1.124511719, -0.2744954427, 3.564778646, 6.001953125, 2.285481771, -3.693196615,
        3.131754557, 5.129882812, 1.918375651, -3.252237956,
      ],
      encoder: [
        1.360026042, 1.725260417, 2.76171875, 1.818033854, 0, 0, 0, 0, 0.9579264323, 0.07926432292,
        1.116455078, 0.2086588542, 1.430501302, 3.548665365, 4.181152344, 3.548665365, 0.7981363932,
        1.994913737, 2.392700195, 1.994913737,
      ],
      encoderBias: [3.6953125, 0, 1.452473958, 5.6484375, 3.19140625],
      bias: [-2.012044271, -5.23844401, -5.584472656, -7.974121094])
    expectSame(
      step["penalty"].map { $0 * 0.5 }, [1.5], "penalty")
    expectGradient(
      step.gradient("activation.log_threshold"),
      [-4.180725098, -0.6565882564, -3.571614742, -33.2946167, -0.08577474207],
      "the gradient of thresholds")
  }

  /// SAELens lets the gates' reconstruction teach the dictionary and the bias, which the paper holds still.
  @Test func `gates`() throws {
    let step = try step(
      "type: gated, weight: 0.5",
      set: [
        "encoder.bias": [0.125, -0.25, -1.5, 0.25, -0.5],
        "activation.bias": [0.25, 0, 0.5, -0.25, 0.125],
        "activation.log_scale": [0.125, -0.125, 0.25, 0, 0.5],
      ])
    expectSameStep(
      step, error: 8.564476753,
      on: [3.333333333],
      encoder: [
        3.458624091, 3.566885419, 6.224134189, 3.845626129, 0.1441061971, 1.674926572, 0.3290014209,
        1.58247896, 0, 0, 0, 0, 3.871729452, 6.093258699, 8.249659157, 6.282547156, 2.288103419,
        5.522542153, 6.073444681, 5.522542153,
      ],
      encoderBias: [3.266927083, 0.4346255688, 0, 6.47111153, 2.508586851])
    expectSame(
      step["penalty"].map { $0 * 0.5 },
      [1.890036643], "penalty")
    expectSame(
      step["gate_reconstruction"],
      [
        6.503929138 + Self.constant
      ], "the gates' error")
    expectGradient(
      step.gradient("activation.bias"), [4.587363573, 1.06036121, 0, 5.005427877, 3.709895187],
      "the gradient of offsets")
    expectGradient(
      step.gradient("activation.log_scale"),
      [3.56319832, 0.7779506352, 0, 7.478390255, 6.582338676], "the gradient of scales")
  }
}

/// With linear encoders and decoders of two latents and three pixels.
@Suite("Objectives beside pythae and POT")
struct LibraryObjectiveTests {
  private static let images: [Float] = [0, 1, 0.25, 0.75, 0.5, 1, 1, 0, 0.125, 0.5, 0.25, 0.875]
  private static let head: (weight: [Float], bias: [Float]) = (
    [1, -0.5, 0.5, -1, 0.5, 1, 0.5, -1, -0.5, -1, 1, -0.25], [-0.25, 0.5, -0.25, -0.5]
  )
  private static let decoder: (weight: [Float], bias: [Float]) = (
    [0.5, -1, 1, 0.25, -0.75, 0.5], [0.125, -0.25, 0.5]
  )

  /// - Parameters:
  ///   - width: Numbers of the encoder's head.
  ///   - seesCodes: Whether the decoder has weights; else it gives its bias, whatever the noise is.
  private func probe(_ settings: String, width: Int, seesCodes: Bool) throws -> ObjectiveProbe {
    try ObjectiveProbe(
      builtins.make(
        .model, "{\(settings), latent: 2, encoder: {type: mlp, hidden: []}}"),
      images: Self.images, image: [1, 1, 3],
      prepare: { store in
        func set(_ name: String, _ values: some Collection<Float>) {
          #expect(store[name]?.values.count == values.count, "\(name)")
          _ = store[name]?.values.update(fromContentsOf: values)
        }
        set("latent.weight", Self.head.weight.prefix(3 * width))
        set("latent.bias", Self.head.bias.prefix(width))
        set("decoder.0.weight", Self.decoder.weight.map { seesCodes ? $0 : 0 })
        set("decoder.0.bias", Self.decoder.bias)
      })
  }

  private func expectTerms(
    _ probe: ObjectiveProbe, _ names: [String], _ expected: [Double], _ what: String
  ) {
    expectSame(names.map { Float(probe[$0]) }, expected, what)
  }

  @Test func `the VAE's, with a weight, and with a capacity`() throws {
    func vae(_ beta: String) throws -> ObjectiveProbe {
      try probe("type: vae, beta: \(beta)", width: 4, seesCodes: false)
    }
    expectTerms(
      try vae("1"), ["total", "reconstruction", "kl"], [3.107503944, 2.065427939, 1.042076005],
      "VAE")
    expectTerms(try vae("4"), ["total"], [6.233731958], "BetaVAE")
    // pythae has |KL − C| of each image, expt of their mean: the same where all KLs are above C.
    expectTerms(
      try vae("{type: capacity, gamma: 30, to: 0.125}"), ["total"],
      [29.57770808], "DisentangledBetaVAE")
  }

  /// pythae's squared error is that of a Gaussian of σ² = ½, but for ½ log π a pixel.
  @Test func `RAE_L2's, without its weight decay`() throws {
    let probe = try probe(
      "type: rae, beta: 0.5, lambda: 0, likelihood: {type: gaussian, scale: 0.70710678}", width: 2,
      seesCodes: true)
    let expected = [2.862915039, 2.510864258, 0.7041015625]
    let constant = 1.5 * log(Double.pi)
    expectTerms(
      probe, ["total", "reconstruction", "code_norm"],
      [expected[0] + constant, expected[1] + constant, expected[2]], "RAE_L2")
  }

  /// Two samples for each of two images. pythae returns Σ w̃·log w, which is not the bound, but has its
  /// gradient; the bound is that of its log weights.
  @Test func `IWAE's bound and gradient`() {
    let rows: [[Float]] = [
      [0.5, -1, 0.25, 0.75, -1.5, 0.125, 1, 0.5],
      [-0.625, 1.25, 0.8125, -0.375],
      [-1.375, 0.4375, 0.1875, -1.53125],
      Array(Self.images[0..<3] + Self.images[6..<9]),
    ]
    let run = GraphRun([
      ([4, 2], rows[0]), ([2, 2], rows[1]), ([2, 2], rows[2]), ([2, 3], rows[3]),
    ]) { graph, x in
      let logits = linear(
        x[0], weight: graph.constant(Self.decoder.weight, [3, 2]),
        bias: graph.constant(Self.decoder.bias, [3]))
      let misfit = Bernoulli().negativeLogLikelihood(
        logits.reshaped([4, 3, 1, 1]),
        images: x[3].repeatedExamples(2).reshaped([4, 3, 1, 1]),
        in: Scope(graph, data: .black([3, 1, 1])))
      let q = DiagonalGaussian(mean: x[1], logVariance: x[2])
      guard let own = q.logDensity(x[0]),
        let prior = StandardNormal(.vector(2)).logDensity(x[0])
      else { return misfit }
      return importanceWeightedBound(negativeLogWeights: misfit + own - prior, samples: 2)
    }
    expectSame(run.output, [1.165955092], "the bound")
    let returned = [1.076205638]
    #expect(abs(Double(run.output[0]) - returned[0]) > 0.05)
    expectGradient(
      run.inputGradients[0],
      [
        -1.644892165, -0.1546136695, -0.3990733575, 0.08322131689, -0.08139381838, -0.291910225,
        0.2453254419, -0.6433019276,
      ], "by z")
    expectGradient(
      run.inputGradients[1], [2.120527233, -0.6072794028, -0.4671602289, 1.567113581], "by means")
    expectGradient(
      run.inputGradients[2], [0.8972075704, 0.4034205308, 0.3362232043, 0.321645711],
      "by log-variances")
  }

  /// pythae has none.
  @Test func `POT's sliced distance, squared`() {
    let seen = GraphRun([
      ([4, 2], [0.5, -1, 0.25, 0.75, -1.5, 0.125, 1, 0.5]),
      ([4, 2], [-0.5, 0.25, 1.25, -0.75, 0, 1, 0.75, -0.125]),
      ([3, 2], [1, 0.5, -0.25, 1, 0.75, -0.75]),
    ]) { _, x in slicedDistance(x[0], x[1], along: x[2]) }
    expectSame(seen.output, [0.1707261029], "SW₂²")
  }

  /// Of pythae's two logits one is expt's and one 0.
  @Test func `FactorVAE's total correlation and discriminator`() throws {
    let model = try builtins.make(.model, "{type: factor_vae, discriminator: {hidden: []}}")
    let settings = try #require((model as? FactorVAE)?.discriminator)
    let graph = Graph(mode: .training, parameters: ParameterSet())
    let z = graph.constant([0.5, -1, 0.25, 0.75, -1.5, 0.125, 1, 0.5], [4, 2])
    let permuted = graph.constant([-0.5, 0.25, 1.25, -0.75, 0, 1, 0.75, -0.125], [4, 2])
    let judge = Judge(
      settings, "discriminator", in: Scope(graph, data: .black([1, 1, 3])))
    let outputs = [
      try judge.frozen(z).mean(), try judge.loss(real: z, fake: permuted).value,
    ]
    let store = ParameterStore(graph.parameters)
    _ = store["discriminator.0.weight"]?.values.update(fromContentsOf: [0.5, -0.75])
    _ = store["discriminator.0.bias"]?.values.update(fromContentsOf: [0.25])
    let plan = Plan(
      graph, outputs: outputs, store: store, arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: 1), seed: 1))
    plan.forward()
    expectSame(
      outputs.map { plan.value(of: $0)[0] }, [0.2109375, 0.8055025597], "FactorVAE")
  }
}

@Suite("Optimizers beside optax")
struct LibraryOptimizerTests {
  static let cases: [(text: String, expected: [Double])] = [
    (
      "{ type: lion, learning_rate: 0.0625, beta1: 0.75, beta2: 0.875, weight_decay: 0.5 }",
      [0.3191552162, -0.8806180954, 1.644046783]
    ),
    (
      "{ type: adamw, learning_rate: 0.0625, beta1: 0.75, beta2: 0.875, epsilon: 1e-3, "
        + "weight_decay: 0.5 }", [0.419944109, -0.8385288144, 1.673515758]
    ),
    (
      "{ type: adamax, learning_rate: 0.0625, beta1: 0.75, beta2: 0.875, epsilon: 1e-3 }",
      [0.467791689, -0.9445956963, 1.901547879]
    ),
  ]

  @Test(arguments: cases) func `four steps`(_ one: (text: String, expected: [Double])) throws {
    let optimizer = try builtins.make(.optimizer, one.text)
    let memory = (0..<2 + optimizer.slots.count).map { _ in AlignedMemory.allocate(3) }
    defer { memory.forEach(AlignedMemory.free) }
    let pool = ThreadPool(threads: 1)
    _ = memory[0].update(fromContentsOf: [0.5, -1, 2])
    let gradients: [[Float]] = [
      [1, -0.5, 0.25], [-2, 0.25, 0.125], [0.5, 1, -0.75], [0.25, -1, 0.5],
    ]
    for (index, gradient) in gradients.enumerated() {
      _ = memory[1].update(fromContentsOf: gradient)
      optimizer.update(
        ParameterUpdate(
          values: memory[0], gradients: memory[1], slots: Array(memory[2...]), step: index + 1,
          learningRate: optimizer.step.learningRate, pool: pool))
    }
    expectSame(Array(memory[0]), one.expected, one.text)
  }
}
