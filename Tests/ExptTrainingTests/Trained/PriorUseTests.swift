import ExptBuiltins
import ExptComponents
import ExptData
import ExptFiles
import ExptInference
import ExptRunFolder
import ExptTensor
import Foundation
import Testing

@testable import ExptTraining

@Suite("How a prior is used")
struct PriorUseTests {
  private func experiment(_ prior: String, condition: String = "none") -> String {
    """
    name: priors
    seed: 4
    dataset: { type: test_points, count: 100, validation: 60 }
    model:
      type: vae
      latent: 2
      prior: \(prior)
      condition: \(condition)
      encoder: { type: mlp, hidden: [6] }
    training: { epochs: 1, batch_size: 10 }
    outputs: { images_every: 1, image_count: 7 }
    """
  }

  private func use(_ trainer: Trainer) throws -> PriorUse { try #require(trainer.priorUse()) }

  private func set(_ trainer: Trainer, _ name: String, _ values: [Float]) throws {
    let parameter = try #require(trainer.network.store[name])
    _ = parameter.values.update(fromContentsOf: values)
  }

  @Test func `components are told apart by where they are`() throws {
    let trainer = try TestRun.starting(
      experiment("{ type: gaussian_mixture, components: 4 }")
    ).session.trainer
    func distinct(_ means: [Float]) throws -> Double {
      try set(trainer, "prior.mean", means)
      return try #require(use(trainer).components).distinct
    }
    #expect(abs(try distinct([9, 9, -9, 9, 9, -9, -9, -9]) - 4) < 1e-3)
    #expect(abs(try distinct([9, 9, 9, 9, -9, -9, -9, -9]) - 2) < 1e-3)
    #expect(abs(try distinct([1, 1, 1, 1, 1, 1, 1, 1]) - 1) < 1e-3)
  }

  @Test func `latents are counted for the component that they lie under`() throws {
    let trainer = try TestRun.starting(
      experiment("{ type: gaussian_mixture, components: 3 }")
    ).session.trainer
    // All posteriors at N((2, 2), e⁻⁶), far from all components but the second.
    try set(trainer, "latent.weight", [Float](repeating: 0, count: 24))
    try set(trainer, "latent.bias", [2, 2, -6, -6])
    try set(trainer, "prior.mean", [-30, 0, 2, 2, 30, 0])
    let found = try use(trainer)
    let components = try #require(found.components)
    #expect(components.byShare[0] == 1 && abs(components.shares[1] - 1) < 1e-4)
    #expect(abs(components.used - 1) < 0.01 && components.idle == 2)
    // log ⅓ N(2; 2, 1)², but for the posterior's own width.
    let top = -log(3) - log(2 * Double.pi)
    #expect(found.latents.count == 60)
    #expect(found.latents.allSatisfy { $0 < top + 1e-4 && $0 > top - 0.1 })
    #expect(
      Diagnosis.prior(found).contains { $0.contains("2 of the prior's 3 components are unused") })
  }

  @Test func `pseudo-inputs that are all alike are worth one`() throws {
    let (run, session) = try TestRun.starting(experiment("{ type: vamp, pseudo_inputs: 5 }"))
    let first = try #require(session.trainer.network.store["prior.pseudo_inputs"])
    // They begin as training images, of the classes 0, 1 and 2 in turn.
    let images = session.trainer.data.images
    guard case .floats(let pixels) = images.pixels else { return }
    for input in 0..<5 {
      let own = first.values[input * 4..<input * 4 + 4]
      let nearest = (0..<images.count).min {
        distance(own, pixels, $0) < distance(own, pixels, $1)
      }
      let found = try #require(nearest)
      #expect(distance(own, pixels, found) < 0.15 && session.trainer.data.train.contains(found))
      #expect(images.labels?[found] == Int32(input % 3))
    }
    #expect(try #require(use(session.trainer).components).distinct > 1.0001)
    try set(session.trainer, "prior.pseudo_inputs", [Float](repeating: 0.5, count: 20))
    let alike = try use(session.trainer)
    #expect(abs(try #require(alike.components).distinct - 1) < 1e-4)
    _ = try session.train()
    let folder = try RunFolder.open(run.path)
    #expect(
      try folder.readManifest().diagnosis.contains { $0.contains("pseudo-inputs have collapsed") })
  }

  private func distance(
    _ own: Slice<UnsafeMutableBufferPointer<Float>>, _ pixels: [Float], _ image: Int
  )
    -> Float
  {
    zip(own, pixels[image * 4..<image * 4 + 4]).reduce(0) { $0 + abs($1.0 - $1.1) }
  }

  @Test func `the summary has a picture of the components, and their shares`() throws {
    let cases = [
      ("{ type: vamp, pseudo_inputs: 5 }", "none", [Int64(1), 1], 2),
      ("{ type: vamp, pseudo_inputs: 5 }", "labels", [1, 0], 1),
      ("{ type: gaussian_mixture, components: 5 }", "none", [0, 1], 1),
    ]
    for (prior, condition, rows, height) in cases {
      let run = try TestRun(experiment(prior, condition: condition))
      let folder = try RunFolder.open(run.path)
      let picture = try Image8.read(folder.summaryFolder + "/components.pgm")
      #expect(
        picture.width == 5 * 3 - 1 && picture.height == height * 3 - 1, "\(prior) \(condition)")
      let arrays = try NPZ.read(folder.summaryLatents)
      let shares = try #require(arrays.first { $0.name == "component_share" }?.array.doubles)
      #expect(shares.count == 5 && abs(shares.reduce(0, +) - 1) < 1e-5)
      let drawn = try #require(arrays.first { $0.name == "component_rows" }?.array.integers)
      #expect(drawn.map { Int64($0) } == rows)
    }
    let plain = try TestRun(experiment("standard_normal"))
    #expect(!FilePath.exists(plain.path + "/summary/components.pgm"))
  }

  @Test func `the samples of a conditional model have a row for each class`() throws {
    let run = try TestRun(experiment("conditional_gaussian", condition: "labels"))
    let picture = try Image8.read(run.path + "/images/samples-epoch-0001.pgm")
    // Three classes, two samples of each of seven: images of 2 pixels with one between.
    #expect(picture.width == 2 * 3 - 1 && picture.height == 3 * 3 - 1)
    let trained = try run.open(.last)
    #expect(trained.access.told.classes == 3 && trained.access.told.factors == [])
    #expect(try TestRun(experiment("standard_normal")).open(.last).access.told.classes == nil)
    let told = Annotations(labels: [2, 2])
    let images = trained.access.decode(
      trained.access.drawPrior(2, seed: 4, given: told), given: told)
    let row = picture.samples.suffix(5 * 2)
    #expect(row.first == UInt8((images[0] * 255).rounded()))
    // A traversal is not in units of a prior that differs from class to class.
    let part = try trained.data(DataEnvironment(), warn: { _ in }).part(.test)
    let dimensions = trained.encode(part).dimensions
    #expect(dimensions.allSatisfy { $0.kl != nil && !$0.isMeasuredByPrior })
  }
}

@Suite("A sampler for each class")
struct ClassSamplerTests {
  private static let experiment = """
    name: classes
    dataset: { type: test_points, count: 60 }
    model: { type: ae, latent: 2, encoder: { type: mlp, hidden: [6] } }
    training: { epochs: 1, batch_size: 10 }
    outputs: { images_every: 0 }
    """

  @Test func `learns from the latents of the class alone, and comes back from its file`() throws {
    let run = try TestRun(Self.experiment)
    let trained = try run.open(.last)
    let part = try trained.data(DataEnvironment(), warn: { _ in }).part(.train)
    var sampler = GaussianSampler()
    sampler.floor = 0
    let fitted = try trained.fit(sampler, to: part, seed: 0, perClass: true)
    #expect(fitted.classes == [0, 1, 2])
    let codes = trained.encode(part)
    for label in 0..<3 {
      let own = (0..<60).filter { $0 % 3 == label }.map { Array(codes.mean(ofImage: $0)) }
      let mean = (0..<2).map { column in own.reduce(0) { $0 + Double($1[column]) } / 20 }
      let learned = try fitted.parts[label].arrays.values("mean", [2])
      for (a, b) in zip(learned, mean) { #expect(abs(Double(a) - b) < 1e-5) }
    }
    let path = trained.folder.samplerFile("each")
    try fitted.write(to: path)
    let read = try trained.sampler("each", catalog: TestRun.catalog)
    #expect(read.classes == [0, 1, 2])
    #expect(try read.draw(5, label: 1, seed: 3) == fitted.draw(5, label: 1, seed: 3))
    #expect(try read.draw(5, label: 1, seed: 3) != read.draw(5, label: 2, seed: 3))
    let problem = #expect(throws: SamplerProblem.self) { try read.draw(5, label: 7, seed: 3) }
    #expect(problem?.message == "it was fitted to the classes 0, 1, 2, and not to 7")
    let few = try trained.data(DataEnvironment(), warn: { _ in }).part(.train, limit: 4)
    let lack = #expect(throws: SamplerProblem.self) {
      try trained.fit(sampler, to: few, seed: 0, perClass: true)
    }
    #expect(lack?.message.hasPrefix("class 0: ") == true)
  }
}
