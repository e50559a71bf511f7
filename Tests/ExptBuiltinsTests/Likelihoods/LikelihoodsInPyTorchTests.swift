import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

/// Losses of single pixels over grids with extremes, and their gradients, against `likelihoods.py`.
@Suite("In PyTorch")
struct LikelihoodsInPyTorchTests {
  struct Case: Encodable {
    /// The function in the program.
    var name: String
    var settings: [String: Double]
    var image: [Int] = [1, 1, 1]
    var output: [Int] = []
    var images: [Float]
    var parameters: [Float]
    /// What the experiment says.
    var text: String

    enum CodingKeys: CodingKey { case name, settings, image, output, images, parameters }
  }

  private struct Answer: Decodable {
    var losses: [Double]
    var gradient: [Double]
  }

  /// Every combination of the given numbers: rows of parameters, then the value.
  private static func grid(_ axes: [[Float]]) -> (parameters: [Float], images: [Float]) {
    var rows: [[Float]] = [[]]
    for axis in axes { rows = rows.flatMap { row in axis.map { row + [$0] } } }
    return (rows.flatMap { $0.dropLast() }, rows.map { $0[$0.count - 1] })
  }

  private static func pixel(
    _ name: String, _ settings: [String: Double], _ axes: [[Float]], _ text: String
  ) -> Case {
    let (parameters, images) = grid(axes)
    return Case(
      name: name, settings: settings, output: [axes.count - 1, 1, 1], images: images,
      parameters: parameters, text: text)
  }

  /// A few images with drawn numbers.
  private static func picture(
    _ name: String, _ settings: [String: Double], _ image: [Int], maps: Int, spread: Float = 1,
    levels: Float? = nil, _ text: String
  ) -> Case {
    let size = image.reduce(1, *)
    let values = TestNumbers.uniform(3 * size, in: 0...1, seed: 5)
    return Case(
      name: name, settings: settings, image: image, output: [maps] + image.dropFirst(),
      images: levels.map { n in values.map { ($0 * n).rounded() / n } } ?? values,
      parameters: TestNumbers.normal(3 * size / image[0] * maps, seed: 6).map { $0 * spread },
      text: text)
  }

  private static let cases: [Case] =
    [
      pixel(
        "student_t", ["learned": 1, "nu": 5, "initial_scale": 0.2],
        [[-1, 0.3, 40], [-2, 0, 2], [-3, 0, 5, 10], [-2, 0.31, 1, 1e4]],
        "{ type: student_t, scale: per_pixel, degrees_of_freedom: per_pixel }"),
      pixel(
        "student_t", ["learned": 0, "nu": 2.5, "scale": 0.3],
        [[-1, 0.3, 40], [-2, 0.31, 1, 1e4]],
        "{ type: student_t, scale: 0.3, degrees_of_freedom: 2.5 }"),
    ]
    + [0.01, 1, 10, 1000].map { a in
      pixel(
        "log_cosh", ["sharpness": a, "initial_scale": 0.2],
        [[-1, 0.3, 40], [-2, 0, 2], [-2, 0.3001, 1, 1e3]],
        "{ type: log_cosh, scale: per_pixel, sharpness: \(a) }")
    } + [
      pixel(
        "beta", ["concentration": 5], [[-6, -1, 0, 3], [-4, 0, 4, 8], [1e-4, 0.2, 0.5, 0.999]],
        "{ type: beta, concentration: per_pixel }"),
      pixel(
        "poisson", [:], [[-15, -2, 0, 3, 11], [0, 1, 2, 17, 1000, 60_000]], "poisson"),
      pixel(
        "negative_binomial", ["dispersion": 1],
        [[-10, -2, 0, 3, 9], [-6, -1, 0, 4, 11], [0, 1, 2, 17, 1000, 20_000]],
        "{ type: negative_binomial, dispersion: per_pixel }"),
      pixel(
        "zinb", ["dispersion": 1],
        [[-10, -2, 0, 3, 9], [-6, 0, 4, 10], [-20, -1, 2, 20], [0, 1, 17, 1000]],
        "{ type: zinb, dispersion: per_pixel }"),
      picture(
        "logistic_mixture", ["components": 3, "initial_scale": 0.1, "min_scale": 0.001], [1, 3, 3],
        maps: 9, levels: 255, "{ type: logistic_mixture, components: 3 }"),
      picture(
        "logistic_mixture", ["components": 2, "initial_scale": 0.1, "min_scale": 0.001], [3, 2, 3],
        maps: 20, levels: 255, "{ type: logistic_mixture, components: 2 }"),
      picture(
        "categorical", ["levels": 7], [2, 2, 3], maps: 14, spread: 5,
        "{ type: categorical, levels: 7 }"),
      alike([1, 14, 17]), alike([2, 44, 46]),
      Case(
        name: "mixed", settings: [:], image: [1, 1, 4], output: [6, 1, 1],
        images: [0.5, 1, 2, 7, -3, 0, 0, 0], parameters: TestNumbers.normal(12, seed: 8),
        text: "{ type: mixed, columns: [{ type: gaussian, scale: 0.5 }, bernoulli, "
          + "{ type: categorical, levels: 3, values: whole }, poisson] }"),
    ] + [
      counts("negative_binomial", maps: 2), counts("zinb", maps: 3),
    ]

  /// Images and reconstructions of them that are somewhat like them.
  private static func alike(_ image: [Int]) -> Case {
    let size = image.reduce(1, *)
    let values = TestNumbers.uniform(3 * size, in: 0.02...0.98, seed: 5)
    let noise = TestNumbers.normal(3 * size, seed: 6)
    return Case(
      name: "ms_ssim", settings: [:], image: image, output: image, images: values,
      parameters: zip(values, noise).map { 3 * ($0 - 0.5) + 0.5 * $1 }, text: "ms_ssim")
  }

  /// With a library size.
  private static func counts(_ name: String, maps: Int) -> Case {
    Case(
      name: name, settings: ["dispersion": 1, "library": 1], image: [1, 1, 5],
      output: [maps, 1, 5], images: [0, 3, 1, 0, 12, 1, 0, 0, 0, 0],
      parameters: TestNumbers.normal(10 * maps, seed: 9),
      text: "{ type: \(name), library: observed, dispersion: per_pixel }")
  }

  @Test(.needs(.pyTorch)) func `losses and gradients are the same`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(
      String(decoding: try JSONEncoder().encode(Self.cases), as: UTF8.self), to: "cases.json")
    let printed = try Python.run(
      file: packageFolder + "/Tests/Python/likelihoods.py", [file])
    let answers = try JSONDecoder().decode([Answer].self, from: Data(printed.utf8))
    try #require(answers.count == Self.cases.count)
    for (one, answer) in zip(Self.cases, answers) {
      let likelihood: any Likelihood = try network(.likelihood, one.text)
      let image = Shape(one.image)
      let count = one.images.count / image.count
      let output = try likelihood.outputShape(for: image)
      #expect(output.dimensions == one.output, "\(one.text)")
      let run = GraphRun(
        [(output.batched(count), one.parameters), (image.batched(count), one.images)]
      ) { graph, t in
        likelihood.negativeLogLikelihood(t[0], images: t[1], in: Scope(graph, data: .black(image)))
      }
      // Gradients of a pixel are relative to 1 where they cancel; those of a picture, where many add up
      // at each pixel, to the largest.
      let largest = answer.gradient.map(abs).max() ?? 0
      expectSame(run.output, answer.losses, floor: 1e-2, "\(one.text): loss")
      expectSame(
        run.inputGradients[0], answer.gradient,
        floor: 1e-2 + 0.1 * (image.count > 1 ? largest : min(largest, 1)),
        "\(one.text): gradient")
    }
  }

  /// To 1e-5, relative to each number, or to `floor` where it is smaller.
  private func expectSame(_ seen: [Float], _ expected: [Double], floor: Double, _ what: String) {
    guard seen.count == expected.count else {
      Issue.record("\(what): \(seen.count) numbers, not \(expected.count)")
      return
    }
    let errors = zip(seen, expected).map { abs(Double($0) - $1) / max(abs($1), floor) }
    let worst = errors.indices.max { errors[$0] < errors[$1] } ?? 0
    #expect(
      errors.allSatisfy { $0 < 1e-5 },
      "\(what) \(worst): \(seen[worst]), not \(expected[worst])")
  }
}
