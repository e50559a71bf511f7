import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@Suite("Missing pixels")
struct MissingPixelsTests {
  private static let count = ModelRun.batch * ModelRun.image.count
  private static let lots = TestNumbers.uniform(count, in: 0...1, seed: 31)
  private static let share: Float = 0.3

  /// What was hidden may be anything: nothing that training sees depends on it.
  @Test(arguments: [
    "type: iwae, samples: 3", "type: vae", "type: ae", "type: vae, likelihood: gaussian",
    "type: m2_vae, labelled: 0.6, classifier: { type: mlp, hidden: [7] }",
    "type: aae, discriminator: { hidden: [7] }",
  ])
  func `change no term and no gradient`(_ text: String) throws {
    let model = try builtins.make(
      .model, "{ \(text), \(small), missing: { share: \(Self.share), tell: true } }")
    let others = ModelRun.images.enumerated().map { index, value in
      Self.lots[index] < Self.share ? 1 - value : value
    }
    #expect(others != ModelRun.images)
    let (one, two) = try (
      ModelRun(model, classes: 3, pixelLots: Self.lots),
      ModelRun(model, classes: 3, images: others, pixelLots: Self.lots)
    )
    #expect(one.terms == two.terms)
    for (a, b) in zip(one.gradients, two.gradients) { #expect(a.values == b.values, "\(a.name)") }
    let all = try ModelRun(builtins.make(.model, "{ \(text), \(small) }"), classes: 3)
    #expect(all["total"] != one["total"])
  }

  @Test func `of which there are none leave iwae as it is, bit for bit`() throws {
    let plain = try ModelRun(builtins.make(.model, "{ type: iwae, \(small), samples: 4 }"))
    // None by the setting, and none by chance.
    for (share, lots) in [("0", []), ("0.3", Self.lots.map { 0.3 + 0.7 * $0 })] {
      let none = try ModelRun(
        builtins.make(.model, "{ type: iwae, \(small), samples: 4, missing: { share: \(share) } }"),
        pixelLots: lots)
      #expect(plain["total"].bitPattern == none["total"].bitPattern, "share \(share)")
      for (a, b) in zip(plain.gradients, none.gradients) {
        #expect(largestError(b.values, a.values.map(Double.init)) < 1e-6, "\(a.name)")
      }
    }
  }

  /// Of each image the same likelihood of its observed pixels alone, put together as a smaller image.
  @Test(arguments: [
    "bernoulli", "continuous_bernoulli", "{ type: gaussian, scale: 0.2 }",
    "{ type: gaussian, scale: shared }", "{ type: gaussian, scale: per_pixel }",
    "{ type: laplace, scale: 0.3 }", "{ type: discretized_logistic, scale: 0.1 }",
  ])
  func `are left out of the sum, which is not divided`(_ likelihood: String) throws {
    let model = try builtins.make(
      .model,
      "{ type: ae, \(small), likelihood: \(likelihood), missing: { share: \(Self.share) } }")
    let image = ModelRun.image
    let numbers = model.parts.likelihood.parametersPerPixel
    let width = numbers * image.count
    let parameters = TestNumbers.normal(ModelRun.batch * width, seed: 41)
    func costs(
      _ parts: AutoencoderParts, _ decoded: [Float], _ images: [Float], pixels: Int, count: Int,
      lots: [Float]
    ) throws -> [Float] {
      let graph = Graph(mode: .evaluation, parameters: ParameterSet())
      let shape: Shape = [1, 1, pixels]
      let scope = Scope(graph, data: DataFacts(image: shape) { [] })
      let cost = parts.negativeLogLikelihood(
        graph.constant(decoded, [count, numbers, 1, pixels]), of: Batch(count, in: scope), in: scope
      )
      let store = ParameterStore(graph.parameters)
      store.initialise(seed: 1)
      let plan = Plan(
        graph, outputs: [cost], store: store, arena: Arena(),
        run: RunContext(pool: ThreadPool(threads: 1), seed: 1))
      _ = plan.input("images")?.update(fromContentsOf: images)
      _ = plan.input("lot/pixels")?.update(fromContentsOf: lots)
      plan.forward()
      return Array(plan.value(of: cost))
    }
    let pixels = image.count
    let found = try costs(
      model.parts, parameters, ModelRun.images, pixels: pixels, count: ModelRun.batch,
      lots: Self.lots)
    var whole = model.parts
    whole.missing = MissingPixels()
    for row in 0..<ModelRun.batch {
      let places = (0..<pixels).filter { Self.lots[row * pixels + $0] >= Self.share }
      #expect(places.count < pixels && !places.isEmpty)
      let expected = try costs(
        whole,
        (0..<numbers).flatMap { map in places.map { parameters[row * width + map * pixels + $0] } },
        places.map { ModelRun.images[row * pixels + $0] }, pixels: places.count, count: 1, lots: [])
      let scale = max(1, abs(expected[0]))
      #expect(abs(found[row] - expected[0]) < 1e-5 * scale, "\(found[row]) \(expected[0])")
      // The mean over the observed pixels, the usual mistake.
      #expect(abs(found[row] - expected[0] / Float(places.count)) > 1e-2 * scale)
    }
  }

  @Test func `need a likelihood of single pixels`() throws {
    let text = "{ type: ae, likelihood: whole_images, missing: { share: 0.1 } }"
    let catalog = try Catalog(Catalog.builtins + [WholeImages.self])
    #expect(throws: (any Error).self) { try catalog.make(.model, text) }
    _ = try catalog.make(.model, "{ type: ae, likelihood: whole_images }")
  }
}

/// A likelihood that does not say what a single pixel is worth.
private struct WholeImages: Likelihood {
  static let id = "whole_images"
  static let summary = "Whole images."

  var parametersPerPixel: Int { 1 }

  func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor {
    gaussianNLL(mean: parameters, targets: images, logScale: scope.graph.constant(0))
  }

  func mean(_ parameters: Tensor, in scope: Scope) -> Tensor { parameters }
  func location(forMean mean: Float) -> Float { mean }
}
