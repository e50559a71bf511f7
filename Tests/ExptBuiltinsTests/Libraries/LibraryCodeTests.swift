import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@testable import ExptBuiltins

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
