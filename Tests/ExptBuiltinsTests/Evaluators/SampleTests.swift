import ExptComponents
import ExptFiles
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

@testable import ExptBuiltins

/// A model whose samples are given: its latents are its pixels.
private struct GivenSamples: EvaluationSubject, ModelAccess {
  var real: [Float]
  var made: [Float]
  var image: Shape
  var count: Int { real.count / image.count }

  var model: any ModelAccess { self }
  var images: ImageSet { ImageSet(shape: image, count: count, pixels: .floats(real)) }
  var encodings: Encodings { Encodings(count: count, space: space, mean: real) }
  var space: LatentSpace { .vector(image.count) }
  let isGenerative = true
  func encode(_ images: ImageSet) -> Encodings { encodings }
  func decode(_ latents: [Float], given annotations: Annotations?) -> [Float] { latents }
  func drawPrior(_ count: Int, seed: UInt64, given annotations: Annotations?) -> [Float] {
    Array(made[..<(count * image.count)])
  }
  func likelihood(samples: Int, seed: UInt64) -> Evaluation {
    Evaluation(
      count: count, samples: samples, seed: seed,
      reconstruction: Estimate(mean: 0, standardError: nil), variational: nil, dimensions: [])
  }
}

@Suite("Samples against images")
struct SampleTests {
  private func normal(
    _ count: Int, _ width: Int, mean: Float = 0, deviation: Float = 1, seed: UInt64
  ) -> [Float] {
    TestNumbers.normal(count * width, seed: seed).map { mean + deviation * $0 }
  }

  private func score(
    _ text: String, _ real: [Float], _ made: [Float], width: Int
  ) throws -> [String: Double] {
    let score = try builtins.make(.evaluator, text).score(
      of: GivenSamples(real: real, made: made, image: [1, 1, width]))
    return Dictionary(uniqueKeysWithValues: score.numbers.map { ($0.name, $0.value) })
  }

  /// Two halves of one distribution: E density = 1, E coverage = 1 − Π (N − j)/(N + M − j).
  @Test func `of equal distributions have the expected density, coverage and accuracy`() throws {
    let (count, width, k) = (1200, 6, 5)
    let (real, made) = (normal(count, width, seed: 1), normal(count, width, seed: 2))
    let found = try score("{ type: density, features: pixels }", real, made, width: width)
    let missed = (1...k).reduce(1.0) {
      $0 * Double(count - $1) / Double(2 * count - $1)
    }
    #expect(abs(try #require(found["density"]) - 1) < 0.05, "\(found)")
    #expect(abs(try #require(found["coverage"]) - (1 - missed)) < 0.015, "\(found)")
    #expect(try #require(found["precision"]) > 0.9)
    for classifier in ["knn", "logistic"] {
      let share = try score(
        "{ type: c2st, features: pixels, classifier: \(classifier) }", real, made, width: width)
      #expect(abs(try #require(share["c2st"]) - 0.5) < 0.05, "\(classifier): \(share)")
    }
    let kid = try score(
      "{ type: kid, features: pixels, subsets: 10, subset_size: 400 }", real, made, width: width)
    #expect(abs(try #require(kid["kid"])) < 0.02, "\(kid)")
  }

  @Test func `that are far away have none of it, and are told apart`() throws {
    let (real, made) = (normal(300, 4, seed: 1), normal(300, 4, mean: 20, seed: 2))
    let found = try score("{ type: precision, features: pixels }", real, made, width: 4)
    #expect(found.values.allSatisfy { $0 == 0 }, "\(found)")
    #expect(try score("{ type: c2st, features: pixels }", real, made, width: 4)["c2st"] == 1)
  }

  @Test func `all on one image are precise and not diverse`() throws {
    let real = normal(400, 5, seed: 1)
    let made = (0..<400).flatMap { _ in real[..<5] }
    let found = try score("{ type: precision, features: pixels }", real, made, width: 5)
    #expect(found["precision"] == 1)
    #expect(try #require(found["recall"]) < 0.01 && #require(found["coverage"]) < 0.05)
  }

  /// Between N(0, 1) and N(m, s²): m² + (s − 1)², for each of independent dimensions. The numbers are
  /// given exactly these moments.
  @Test func `the Fréchet distance of Gaussians is that of the formula`() throws {
    func exact(_ rows: [Float], mean: Double, deviation: Double) -> [Float] {
      let own = rows.map(Double.init).mean
      let spread = (rows.map(Double.init).variance * 500 / 499).squareRoot()
      return rows.map { Float((Double($0) - own) / spread * deviation + mean) }
    }
    let real = exact(normal(500, 1, seed: 3), mean: 0, deviation: 1)
    let made = exact(normal(500, 1, seed: 4), mean: 0.7, deviation: 2.5)
    let found = Frechet.distance(real, made, width: 1)
    #expect(abs(found - (0.7 * 0.7 + 1.5 * 1.5)) < 1e-4, "\(found)")
    #expect(abs(Frechet.distance(real, real, width: 1)) < 1e-9)
  }

  @Test(.needs(.scikitLearn))
  func `distances are those of NumPy and SciPy`() throws {
    let (count, width) = (400, 7)
    let real = normal(count, width, seed: 5)
    let made = normal(count, width, mean: 0.4, deviation: 1.3, seed: 6)
    let folder = TemporaryFolder()
    for (rows, name) in [(real, "real.npy"), (made, "made.npy")] {
      try NPYArray(shape: [count, width], floats: rows).write(to: folder.file(name))
    }
    let printed = try Python.run(
      file: packageFolder + "/Tests/Python/samples.py",
      [folder.file("real.npy"), folder.file("made.npy"), "5"])
    var found = try score("{ type: recall, features: pixels }", real, made, width: width)
    found["frechet"] = try score("{ type: frechet, features: pixels }", real, made, width: width)[
      "frechet"]
    found["kid"] = try score(
      "{ type: kid, features: pixels, subsets: 1, subset_size: 400 }", real, made, width: width)[
        "kid"]
    let lines = printed.split(separator: "\n")
    #expect(lines.count == 6)
    for line in lines {
      let parts = line.split(separator: " ")
      let (own, other) = try (#require(found[String(parts[0])]), #require(Double(parts[1])))
      #expect(abs(own - other) < 1e-4 * max(1, abs(other)), "\(line): \(own)")
    }
  }

  /// A space in which two axes hold all of the variance.
  @Test func `principal components are found in order`() throws {
    let (count, width) = (300, 12)
    let codes = normal(count, 2, seed: 7)
    let drawn = TestNumbers.normal(width * width, seed: 8).map(Double.init)
    var symmetric = drawn
    for row in 0..<width {
      for column in 0..<width {
        symmetric[row * width + column] = drawn[row * width + column] + drawn[column * width + row]
      }
    }
    let axes = SymmetricEigen(symmetric, width: width).vectors
    var rows: [Float] = []
    for row in 0..<count {
      let (first, second) = (5 * Double(codes[2 * row]), 2 * Double(codes[2 * row + 1]))
      for column in 0..<width {
        rows.append(Float(1 + first * axes[column] + second * axes[width + column]))
      }
    }
    let found = PrincipalAxes(rows, width: width, count: 2, pool: nil)
    let cosine = (0..<width).reduce(0.0) { $0 + Double(found.axes[$1]) * axes[$1] }
    #expect(abs(abs(cosine) - 1) < 0.02, "\(cosine)")
    #expect(found.variances[0] > found.variances[1] * 3)
    let three = PrincipalAxes(rows, width: width, count: 3, pool: ThreadPool(threads: 2))
    #expect(three.variances[2] < 1e-6 * three.variances[0])
    // Along the axes nothing of the distances is lost.
    let flat = found.project(rows, pool: nil)
    func distance(_ rows: [Float], _ width: Int, _ a: Int, _ b: Int) -> Double {
      var sum = 0.0
      for column in 0..<width {
        let step = Double(rows[a * width + column]) - Double(rows[b * width + column])
        sum += step * step
      }
      return sum
    }
    for pair in [(0, 1), (5, 40), (299, 17)] {
      let (own, other) = (distance(rows, width, pair.0, pair.1), distance(flat, 2, pair.0, pair.1))
      #expect(abs(own - other) < 1e-3 * own)
    }
  }

  @Test func `reconstructions that are the images are perfect, and noise is not`() throws {
    let image: Shape = [1, 16, 16]
    let real = TestNumbers.uniform(8 * image.count, in: 0...1, seed: 9)
    let perfect = try ReconstructionQuality().score(
      of: GivenSamples(real: real, made: [], image: image))
    #expect(perfect.numbers[0].value == 0)
    #expect(abs(perfect.numbers[2].value - 1) < 1e-12)
    // A shift of all pixels by 0.1: 20 dB.
    let x = real[..<256].map { 0.1 + 0.8 * Double($0) }
    let ssim = try #require(
      ReconstructionQuality.ssim(x, x.map { $0 + 0.1 }, channels: 1, height: 16, width: 16))
    #expect(ssim > 0.9 && ssim < 1)
    let noise = TestNumbers.uniform(256, in: 0...1, seed: 10).map(Double.init)
    let unlike = try #require(
      ReconstructionQuality.ssim(x, noise, channels: 1, height: 16, width: 16))
    #expect(abs(unlike) < 0.2)
    #expect(ReconstructionQuality.ssim(x, x, channels: 1, height: 8, width: 32) == nil)
  }
}
