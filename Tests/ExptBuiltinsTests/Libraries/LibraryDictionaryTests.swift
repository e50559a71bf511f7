import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@testable import ExptBuiltins

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
