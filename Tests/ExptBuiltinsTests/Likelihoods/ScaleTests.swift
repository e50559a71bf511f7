import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

@Suite("The scale of a likelihood")
struct ScaleTests {
  private static let shape: Shape = [5, 2, 3, 3]
  private static let decoded = TestNumbers.uniform(shape.count, in: 0...1, seed: 1)
  private static let images = TestNumbers.uniform(shape.count, in: 0...1, seed: 2)

  private func run(_ text: String, mode: Mode = .training) throws -> GraphRun {
    let likelihood: any Likelihood = try network(.likelihood, text)
    return GraphRun(
      [(Self.shape, Self.decoded), (Self.shape, Self.images)],
      weights: Array(repeating: 0.2, count: 5), mode: mode
    ) { graph, t in
      likelihood.negativeLogLikelihood(
        t[0], images: t[1], in: Scope(graph, data: .black([2, 3, 3])))
    }
  }

  private var errors: [Double] { zip(Self.decoded, Self.images).map { Double($0) - Double($1) } }

  /// With σ² = MSE the loss of a batch of b images of D numbers is D/2·(1 + log 2π + log MSE), and its
  /// gradient that of D/2·log MSE, which is error/(b·MSE).
  @Test func `that is optimal is the root of the mean square error`() throws {
    let mse = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
    let run = try run("{ type: gaussian, scale: optimal }")
    let expected = 9 * (1 + log(2 * Double.pi) + log(mse))
    let loss = run.output.reduce(0) { $0 + Double($1) } / 5
    #expect(abs(loss - expected) < 1e-5 * abs(expected), "\(loss) \(expected)")
    #expect(largestError(run.inputGradients[0], errors.map { $0 / (5 * mse) }) < 1e-5)
    // The trap: squares summed over an image's numbers, not averaged.
    let summed = mse * 18
    #expect(largestError(run.inputGradients[0], errors.map { $0 / (5 * summed) }) > 1)
    let wrong = 9 * (mse / summed + log(2 * Double.pi) + log(summed))
    #expect(abs(loss - wrong) > 1)
  }

  @Test func `that is optimal for a Laplace is the mean absolute error`() throws {
    let mean = errors.reduce(0) { $0 + abs($1) } / Double(errors.count)
    let run = try run("{ type: laplace, scale: optimal }")
    let expected = 18 * (1 + log(2 * mean))
    let loss = run.output.reduce(0) { $0 + Double($1) } / 5
    #expect(abs(loss - expected) < 1e-5 * abs(expected), "\(loss) \(expected)")
    let signs = errors.map { $0 > 0 ? 1.0 : -1 }
    #expect(largestError(run.inputGradients[0], signs.map { $0 / (5 * mean) }) < 1e-5)
  }

  @Test func `that is optimal follows the batches, and does not depend on them in evaluation`()
    throws
  {
    let likelihood: any Likelihood = try network(.likelihood, "{ type: gaussian, scale: optimal }")
    let parameters = ParameterSet()
    func record(_ mode: Mode, _ rows: Int) -> (Graph, Tensor) {
      let graph = Graph(mode: mode, parameters: parameters)
      let shape = Self.shape.withoutBatch.batched(rows)
      let loss = likelihood.negativeLogLikelihood(
        graph.input("decoded", shape), images: graph.input("images", shape),
        in: Scope(graph, data: .black([2, 3, 3])))
      return (graph, loss)
    }
    let (graph, loss) = record(.training, 5)
    let store = ParameterStore(parameters)
    store.initialise(seed: 1)
    let context = RunContext(pool: ThreadPool(threads: 1), seed: 1)
    func losses(_ rows: Range<Int>) -> [Float] {
      let (graph, loss) = record(.evaluation, rows.count)
      let plan = Plan(graph, outputs: [loss], store: store, arena: Arena(), run: context)
      let values = rows.lowerBound * 18..<rows.upperBound * 18
      _ = plan.input("decoded")?.update(fromContentsOf: Self.decoded[values])
      _ = plan.input("images")?.update(fromContentsOf: Self.images[values])
      plan.forward()
      return Array(plan.value(of: loss))
    }
    func expected(_ variance: Double) -> [Double] {
      (0..<5).map { row in
        let squares = errors[row * 18..<(row + 1) * 18].reduce(0) { $0 + $1 * $1 }
        return 9 * log(2 * Double.pi * variance) + squares / (2 * variance)
      }
    }
    // Before any step it is the initial scale.
    #expect(largestError(losses(0..<5), expected(0.04)) < 1e-5)
    let plan = Plan(graph, loss: loss.mean(), store: store, arena: Arena(), run: context)
    var (sum, weight) = (0.0, 0.0)
    for step in 0..<7 {
      let factor = 1 + Float(step) / 10
      _ = plan.input("decoded")?.update(fromContentsOf: Self.decoded.map { $0 * factor })
      _ = plan.input("images")?.update(fromContentsOf: Self.images)
      plan.forward()
      plan.backward()
      plan.moveStates()
      var mse = 0.0
      for (decoded, image) in zip(Self.decoded, Self.images) {
        let error = Double(decoded * factor) - Double(image)
        mse += error * error / Double(Self.images.count)
      }
      sum = sum * 0.99 + mse * 0.01
      weight = weight * 0.99 + 0.01
    }
    let whole = losses(0..<5)
    #expect(largestError(whole, expected(sum / weight)) < 1e-4)
    for row in 0..<5 { #expect(losses(row..<row + 1) == [whole[row]]) }
    // The trap: the batch's own error also in evaluation, which a row alone shows.
    let own = errors[0..<18].reduce(0) { $0 + $1 * $1 } / 18
    #expect(abs(Double(whole[0]) - 9 * (1 + log(2 * Double.pi * own))) > 1e-2)
  }

  @Test(arguments: ["gaussian", "laplace", "student_t", "log_cosh", "discretized_logistic"])
  func `of each feature is one parameter for each, the shared one where all are alike`(
    _ type: String
  ) throws {
    let each = try run("{ type: \(type), scale: per_feature, initial_scale: 0.3 }")
    let shared = try run("{ type: \(type), scale: shared, initial_scale: 0.3 }")
    #expect(largestError(each.output, shared.output.map(Double.init)) < 1e-6)
    #expect(each.parameters["log_scale"]?.shape == [2, 3, 3])
    let gradient = try #require(each.parameters.gradient(of: "log_scale"))
    let whole = try #require(shared.parameters.gradient(of: "log_scale"))
    let sum = gradient.values.reduce(0) { $0 + Double($1) }
    #expect(largestError(Array(whole.values), [sum]) < 1e-4)
  }

  @Test(arguments: ["student_t", "log_cosh", "discretized_logistic"])
  func `is not optimal where there is no formula`(_ type: String) {
    #expect(throws: (any Error).self) {
      let _: any Likelihood = try network(.likelihood, "{ type: \(type), scale: optimal }")
    }
  }
}

@Suite("Structural similarity")
struct StructuralSimilarityTests {
  private func loss(_ decoded: [Float], _ images: [Float], _ image: Shape, _ text: String) throws
    -> Double
  {
    let likelihood: any Likelihood = try network(.likelihood, text)
    return Double(
      forward([(image.batched(1), decoded), (image.batched(1), images)]) { graph, t in
        likelihood.negativeLogLikelihood(t[0], images: t[1], in: Scope(graph, data: .black(image)))
      }[0])
  }

  @Test func `of an image with itself is 1`() throws {
    let image: Shape = [2, 24, 26]
    let images = TestNumbers.uniform(image.count, in: 0.1...0.9)
    let logits = images.map { Float(log(Double($0) / (1 - Double($0)))) }
    let own = try loss(logits, images, image, "{ type: ms_ssim, weight: 1 }")
    #expect(abs(own) < 1e-4, "\(own)")
    let other = try loss(logits.map { -$0 }, images, image, "{ type: ms_ssim, weight: 1 }")
    #expect(other > 0.5)
    let whole = try loss(logits.map { -$0 }, images, image, "ms_ssim")
    #expect(abs(whole - other * Double(image.count)) < 1e-3 * whole)
  }

  /// One scale, by loops in Double over the one window of an 11×11 image. The trap: with luminance alone at
  /// the last scale, as if contrast belonged to the others only.
  @Test func `has luminance, contrast and structure at the last scale`() throws {
    let image: Shape = [1, 11, 11]
    let y = TestNumbers.uniform(121, in: 0...1, seed: 1).map(Double.init)
    let logits = TestNumbers.normal(121, seed: 2)
    let x = logits.map { 1 / (1 + exp(-Double($0))) }
    var weights = (0..<121).map { place -> Double in
      let (row, column) = (Double(place / 11) - 5, Double(place % 11) - 5)
      return exp(-(row * row + column * column) / 4.5)
    }
    let sum = weights.reduce(0, +)
    weights = weights.map { $0 / sum }
    func mean(_ a: [Double], _ b: [Double]? = nil) -> Double {
      var sum = 0.0
      for place in a.indices { sum += weights[place] * a[place] * (b.map { $0[place] } ?? 1) }
      return sum
    }
    let (mx, my) = (mean(x), mean(y))
    let (vx, vy, covariance) = (mean(x, x) - mx * mx, mean(y, y) - my * my, mean(x, y) - mx * my)
    let luminance = (2 * mx * my + 1e-4) / (mx * mx + my * my + 1e-4)
    let contrast = (2 * covariance + 9e-4) / (vx + vy + 9e-4)
    let expected = 1 - max(luminance * contrast, 1e-6)
    let seen = try loss(logits, y.map { Float($0) }, image, "{ type: ms_ssim, weight: 1 }")
    #expect(abs(seen - expected) < 1e-5, "\(seen) \(expected)")
    #expect(abs(seen - (1 - luminance)) > 0.1)
  }

  @Test func `needs room for its window`() throws {
    let likelihood: any Likelihood = try network(.likelihood, "ms_ssim")
    #expect(throws: BuildProblem.self) { try likelihood.outputShape(for: [1, 10, 20]) }
    #expect(likelihood.measure == .loss)
  }
}

@Suite("A likelihood of mixed columns")
struct MixedTests {
  private let text =
    "{ type: mixed, columns: [gaussian, { type: student_t, scale: per_pixel }, "
    + "{ type: categorical, levels: 3, values: whole }], widths: [2, 1, 1] }"

  @Test func `gives each run of columns its numbers and its place`() throws {
    let mixed: any Likelihood = try network(.likelihood, text)
    #expect(try mixed.outputShape(for: [1, 1, 4]) == [2 + 2 + 3, 1, 1])
    #expect(try mixed.outputShape(for: [1, 2, 2]) == [7, 1, 1])
    #expect(mixed.measure == .density)
    #expect(mixed.supports(of: [1, 1, 4]).map(\.values) == [0..<2, 2..<3, 3..<4])
    #expect(mixed.supports(of: [1, 1, 4])[2].support == Support(0...2, step: 1))
    let recording = try Recording([7, 1, 1]) { x, scope throws(BuildProblem) in
      mixed.negativeLogLikelihood(
        x, images: scope.graph.constant(0, [x.shape[0], 1, 1, 4]), in: scope.child("likelihood"))
    }
    #expect(
      recording.parameters == [
        "likelihood.0.log_scale scalar", "likelihood.1.log_degrees_of_freedom scalar",
      ])
  }

  @Test func `refuses tables of other columns, and what does not fit together`() throws {
    let mixed: any Likelihood = try network(.likelihood, text)
    do {
      _ = try mixed.outputShape(for: [1, 1, 5])
      Issue.record("it takes five columns")
    } catch {
      #expect(error.message == "there are likelihoods for 4 columns, and the examples have 5")
      #expect(error.path == ["widths"])
    }
    for wrong in ["widths: [1, 2]", "by_name: { age: { likelihood: laplace } }"] {
      #expect(throws: (any Error).self) {
        let _: any Likelihood = try network(
          .likelihood, "{ type: mixed, columns: [poisson], \(wrong) }")
      }
    }
  }

  @Test func `is a probability of probabilities`() throws {
    func measure(_ columns: String) throws -> Measure {
      let mixed: any Likelihood = try network(.likelihood, "{ type: mixed, columns: [\(columns)] }")
      return mixed.measure
    }
    #expect(try measure("poisson, bernoulli") == .probability)
    #expect(try measure("poisson, gaussian") == .density)
    #expect(try measure("ms_ssim, gaussian") == .loss)
  }
}
