import ExptBuiltins
import ExptComponents
import ExptDocument
import ExptInference
import ExptTensor
import ExptTesting
import Foundation
import Testing

@Suite("A sparse autoencoder")
struct SparseAETests {
  private static let image: Shape = [1, 1, 8]

  /// With a dictionary of `latent` patterns; the squared error is its reconstruction term, but for a
  /// constant.
  private func step(
    _ settings: String, latent: Int = 8, batch: Int = 6, images: [Float]? = nil,
    mode: Mode = .training
  ) throws -> ModelStep {
    try ModelStep(
      """
      {type: sparse_ae, latent: \(latent), likelihood: {type: gaussian, scale: 0.70710678}, \
      \(settings)}
      """, image: Self.image, batch: batch, images: images, mode: mode)
  }

  private func identity(_ count: Int) -> [Float] {
    (0..<count * count).map { $0 / count == $0 % count ? 1 : 0 }
  }

  /// ‖x − f·W‖² + λ Σ f is least at f = a − λ/2 where the patterns are orthonormal: the encoder that says so
  /// has no gradient, and others have one.
  @Test func `takes λ/2 from each latent of an orthonormal dictionary`() throws {
    let lambda: Float = 0.3
    let images = TestNumbers.uniform(6 * 8, in: 0.5...1.5, seed: 4)
    func gradient(taking less: Float) throws -> [Float] {
      let step = try step(
        "activation: {type: l1, weight: \(lambda)}, aux_weight: 0", images: images)
      step.set("dictionary", identity(8))
      step.set("encoder.weight", identity(8))
      step.set("encoder.bias", [Float](repeating: -less, count: 8))
      step.set("bias", [Float](repeating: 0, count: 8))
      step.run()
      return step.gradient("encoder.bias") + step.gradient("encoder.weight")
    }
    #expect(try gradient(taking: lambda / 2).allSatisfy { abs($0) < 1e-5 })
    for wrong in [0, lambda] {
      #expect(try gradient(taking: wrong).prefix(8).allSatisfy { abs($0) > 0.2 })
    }
  }

  /// A quarter of them in each example, with sizes of 1 ± 0.05. (With a rate of 3e-4 it takes 6000 steps.)
  @Test func `finds 16 orthonormal features`() throws {
    let (features, pixels, batch) = (16, 32, 1024)
    let directions = orthonormal(features, pixels)
    let chances = TestNumbers.uniform(8 * batch * features, in: 0...1, seed: 31)
    let noise = TestNumbers.normal(8 * batch * features, seed: 32)
    let batches = (0..<8).map { number -> [Float] in
      var x = [Float](repeating: 0, count: batch * pixels)
      for place in 0..<batch * features {
        let index = number * batch * features + place
        guard chances[index] < 0.25 else { continue }
        let (row, feature) = (place / features * pixels, place % features * pixels)
        let size = 1 + 0.05 * noise[index]
        for pixel in 0..<pixels { x[row + pixel] += size * directions[feature + pixel] }
      }
      return x
    }
    let step = try ModelStep(
      """
      {type: sparse_ae, latent: \(features), activation: {type: l1, weight: 0.05}, aux_weight: 0, \
      likelihood: {type: gaussian, scale: 0.70710678}}
      """, image: [1, 1, pixels], batch: batch, images: batches[0])
    step.run()
    step.takeFirstValues()
    var adam = PlainAdam(step.store.values.count, rate: 1e-3)
    for number in 0..<3500 {
      step.show(batches[number % 8])
      step.run()
      adam.step(step.store)
    }
    step.show(batches[0])
    step.run()
    let learned = step.parameter("dictionary")
    let best = (0..<features).map { feature -> Float in
      let wanted = directions[feature * pixels..<(feature + 1) * pixels]
      return (0..<features).map { pattern -> Float in
        let row = learned[pattern * pixels..<(pattern + 1) * pixels]
        let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return zip(wanted, row).reduce(0) { $0 + $1.0 * $1.1 } / length
      }.max() ?? 0
    }
    let mean = best.reduce(0, +) / Float(features)
    #expect(mean > 0.9995, "mean of the greatest cosines \(mean)")
    #expect(abs(step["l0"][0] - 4) < 0.1, "L0 \(step["l0"][0])")
    #expect(step["latents"].allSatisfy { $0 > 0 }, "a latent is dead")
  }

  private func orthonormal(_ count: Int, _ width: Int) -> [Float] {
    var rows = (0..<count).map { TestNumbers.normal(width, seed: UInt64(60 + $0)).map(Double.init) }
    for index in rows.indices {
      for other in 0..<index {
        let product = zip(rows[index], rows[other]).reduce(0) { $0 + $1.0 * $1.1 }
        rows[index] = zip(rows[index], rows[other]).map { $0 - product * $1 }
      }
      let length = rows[index].reduce(0) { $0 + $1 * $1 }.squareRoot()
      rows[index] = rows[index].map { $0 / length }
    }
    return rows.flatMap { $0.map(Float.init) }
  }

  @Test func `has the dead learn from the error without b`() throws {
    let step = try step(
      "activation: {type: top_k, k: 2}, aux_latents: 3, aux_weight: 0.5, dead_after: 10")
    let idle: [Float] = [0, 40, 0, 40, 40, 0, 40, 40]
    step.set("idle", idle)
    step.set("bias", (0..<8).map { 0.3 + Float($0) / 10 })
    step.set("encoder.bias", TestNumbers.normal(8, seed: 3).map { abs($0) })
    step.run()
    let images = TestNumbers.uniform(6 * 8, in: 0...1, seed: 21).map(Double.init)
    let w = step.parameter("dictionary").map(Double.init)
    let encoder = step.parameter("encoder.weight").map(Double.init)
    let lengths = (0..<8).map { row in
      (0..<8).reduce(0.0) { $0 + w[row * 8 + $1] * w[row * 8 + $1] }.squareRoot()
    }
    func aux(adding bias: Bool) -> Double {
      var total = 0.0
      for row in 0..<6 {
        let b = step.parameter("bias").map(Double.init)
        let x = (0..<8).map { images[row * 8 + $0] }
        let pre = (0..<8).map { latent in
          (0..<8).reduce(Double(step.parameter("encoder.bias")[latent])) {
            $0 + encoder[latent * 8 + $1] * (x[$1] - b[$1])
          }
        }
        func greatest(_ count: Int, among: [Int]) -> [Int] {
          Array(among.sorted { pre[$0] > pre[$1] }.prefix(count))
        }
        func sum(_ latents: [Int], _ pixel: Int) -> Double {
          latents.reduce(0) { $0 + max(0, pre[$1]) * w[$1 * 8 + pixel] / lengths[$1] }
        }
        let on = greatest(2, among: Array(0..<8))
        let dead = greatest(3, among: (0..<8).filter { idle[$0] >= 10 })
        for pixel in 0..<8 {
          let error = x[pixel] - b[pixel] - sum(on, pixel)
          let rest = error - sum(dead, pixel) - (bias ? b[pixel] : 0)
          total += rest * rest - error * error
        }
      }
      return total / 6
    }
    #expect(abs(Double(step["aux"][0]) - aux(adding: false)) < 1e-4)
    #expect(abs(aux(adding: true) - aux(adding: false)) > 0.1, "the known mistake is not seen")
    // A latent that was on counts from 0 again, one that was not six examples more.
    let fired = step["latents"]
    let now = step.parameter("idle")
    for latent in 0..<8 { #expect(now[latent] == (fired[latent] > 0 ? 0 : idle[latent] + 6)) }
  }

  /// A threshold learns from preactivations on both sides of it. The latent that came of one below is 0, and
  /// the known mistake, a window around the latent, does not see it.
  @Test func `has thresholds learn on both sides`() throws {
    let activation = try builtins.make(
      .sparseActivation, "{type: jump_relu, weight: 1, threshold: 0.5, bandwidth: 0.2}")
    for (pre, within) in [(Float(0.45), true), (0.55, true), (0.35, false), (0.7, false)] {
      let run = GraphRun([([1, 1], [pre])]) { graph, x in
        let scope = Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] })
        let latents = activation.latents(x[0], bias: graph.constant(0, [1]), in: scope)
        let terms = activation.terms(
          SparsePass(
            pass: LossPass(scope: scope), scope: scope, preactivations: x[0], latents: latents,
            lengths: nil))
        return terms.penalty?.value ?? latents
      }
      let slope = run.parameters.gradient(of: "log_threshold")?.values[0] ?? .nan
      // ∂/∂log θ = θ · ∂/∂θ = −θ/ε within the window.
      #expect(abs(slope - (within ? -0.5 / 0.2 : 0)) < 1e-5, "at \(pre)")
      let latent: Float = pre > 0.5 ? pre : 0
      let mistaken = abs(latent - 0.5) < 0.1
      if pre == 0.45 { #expect(mistaken != within) }
    }
  }

  @Test func `with batch_top_k keeps k of an example on average, and alone in evaluation`() throws {
    let settings = "activation: {type: batch_top_k, k: 2, decay: 0.9}, aux_weight: 0"
    let training = try step(settings, batch: 6)
    training.set("encoder.bias", [Float](repeating: 1, count: 8))
    training.run()
    #expect(training["latents"].reduce(0, +) == 12)
    #expect(training.parameter("activation.threshold_weight") == [1 - Float(0.9)])
    func first(_ others: UInt64) throws -> [Float] {
      let own = TestNumbers.uniform(8, in: 0...1, seed: 21)
      let step = try step(
        settings, batch: 3, images: own + TestNumbers.uniform(16, in: 0...9, seed: others),
        mode: .evaluation)
      step.set("encoder.bias", [Float](repeating: 1, count: 8))
      step.set("activation.threshold_sum", [0.9 * 0.5])
      step.set("activation.threshold_weight", [0.5])
      step.run()
      return Array(step["decoded"].prefix(8))
    }
    #expect(try first(1) == first(2))
  }

  @Test func `begins with tied weights, patterns of length 1 and a bias in the middle`() throws {
    var images = TestNumbers.uniform(20 * 8, in: 0...1, seed: 5)
    for pixel in 0..<8 { images[pixel] = 100 }  // an example far from all others
    let step = try step("activation: {type: top_k, k: 2}", latent: 5, batch: 20, images: images)
    step.run()
    let dictionary = step["first dictionary"]
    #expect(dictionary == step["first encoder.weight"] && dictionary.count == 40)
    for row in 0..<5 {
      let length = dictionary[row * 8..<row * 8 + 8].reduce(0) { $0 + $1 * $1 }
      #expect(abs(length - 1) < 1e-5)
    }
    var middle = (0..<8).map { pixel in
      (0..<20).reduce(0.0) { $0 + Double(images[$1 * 8 + pixel]) } / 20
    }
    let mean = middle
    for _ in 0..<2000 {
      let weights = (0..<20).map { row in
        1
          / (0..<8).reduce(0.0) { sum, pixel in
            let difference = Double(images[row * 8 + pixel]) - middle[pixel]
            return sum + difference * difference
          }.squareRoot()
      }
      let total = weights.reduce(0, +)
      middle = (0..<8).map { pixel in
        (0..<20).reduce(0.0) { $0 + weights[$1] * Double(images[$1 * 8 + pixel]) } / total
      }
    }
    for (seen, expected) in zip(step["first bias"], middle) {
      #expect(abs(Double(seen) - expected) < 0.01)
    }
    #expect(abs(mean[0] - middle[0]) > 4, "the mean is far off, which is why it is not taken")
  }

  @Test func `reports what part of the variance it explains, over the epoch`() throws {
    let step = try step("activation: {type: top_k, k: 3}", batch: 6)
    step.run()
    let tally = try #require(step.step.terms.tallies.first { $0.name == "variance" })
    let x = TestNumbers.uniform(6 * 8, in: 0...1, seed: 21).map(Double.init)
    let rest = zip(x, step["decoded"]).reduce(0) {
      $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1))
    }
    let variance = (0..<8).reduce(0.0) { sum, pixel in
      let column = (0..<6).map { x[$0 * 8 + pixel] }
      let mean = column.reduce(0, +) / 6
      return sum + column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
    let seen = tally.columns[0].value(step["variance"].map(Double.init), 6)
    #expect(abs(seen - (1 - rest / variance)) < 1e-5)
    #expect(tally.columns[0].value([0] + [9] + [Double](repeating: 0, count: 8), 6) == 1)
    let dead = try #require(step.step.terms.tallies.first { $0.name == "latents" })
    #expect(dead.columns[0].value([3, 0, 1, 0], 9) == 2)
  }

  @Test func `refuses logits and prefixes that are no part`() {
    let problems = #expect(throws: Diagnostics.self) {
      try builtins.make(
        .model, "{type: sparse_ae, latent: 9, prefixes: [3, 9], likelihood: bernoulli}")
    }
    let text = problems?.rendered ?? ""
    #expect(text.contains("a prefix must be smaller than 'latent', which is 9, and one is 9"))
    #expect(text.contains("a sum of patterns is an image, and bernoulli takes logits"))
  }
}

/// Adam as its paper has it.
private struct PlainAdam {
  private var first: [Float]
  private var second: [Float]
  private var count = 0
  private let rate: Float

  init(_ size: Int, rate: Float) {
    first = [Float](repeating: 0, count: size)
    second = first
    self.rate = rate
  }

  mutating func step(_ store: ParameterStore) {
    count += 1
    let scale = rate / (1 - pow(0.9, Float(count)))
    let bias = 1 / (1 - pow(0.999, Float(count)))
    for index in first.indices {
      let gradient = store.gradients[index]
      first[index] += 0.1 * (gradient - first[index])
      second[index] += 0.001 * (gradient * gradient - second[index])
      store.values[index] -= scale * first[index] / ((second[index] * bias).squareRoot() + 1e-8)
    }
  }
}
