import ExptComponents
import ExptTensor

/// Encodings that are known, without a network.
struct KnownSubject: EvaluationSubject {
  var codes: [Float]
  var width: Int
  var annotations: Annotations
  var kl: [Float]?
  var isGenerative = true
  var space: LatentSpace?

  struct Nothing: ModelAccess {
    let image: Shape = [1, 1, 1]
    var space: LatentSpace
    var isGenerative: Bool
    func encode(_ images: ImageSet) -> Encodings { Encodings(count: 0, space: space, mean: []) }
    func decode(_ latents: [Float], given annotations: Annotations?) -> [Float] { [] }
    func drawPrior(_ count: Int, seed: UInt64, given annotations: Annotations?) -> [Float] { [] }
  }

  var model: any ModelAccess { Nothing(space: encodings.space, isGenerative: isGenerative) }
  var images: ImageSet { ImageSet(shape: [1, 1, 1], count: 0, pixels: .floats([])) }
  var encodings: Encodings {
    Encodings(
      count: codes.count / width, space: space ?? .vector(width), mean: codes, kl: kl,
      annotations: annotations)
  }

  func likelihood(samples: Int, seed: UInt64) -> Evaluation {
    Evaluation(
      count: 2, samples: samples, seed: seed,
      reconstruction: Estimate(mean: 70, standardError: 1), variational: nil, dimensions: [])
  }
}
