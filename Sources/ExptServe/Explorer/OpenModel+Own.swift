import ExptBuiltins
import ExptComponents
import ExptData
import ExptFiles
import ExptInference
import ExptTensor
import ExptTraining

extension OpenModel {
  private static let shownNeighbours = 8

  /// What the model makes of an image that somebody drew or dropped: the browser has brought it to the
  /// model's size and sends `pixels`, 0 … 255, `[channels, height, width]`.
  func encodeOwn(_ parameters: Parameters) throws -> JSONValue {
    let image = access.image
    let values = try parameters.numbers("pixels", most: image.count)
    guard values.count == image.count, values.allSatisfy({ (0...255).contains($0) }) else {
      throw Refusal.bad("the model takes \(image) pixels from 0 to 255")
    }
    let images = try adapted(
      ImageSet(shape: image, count: 1, pixels: .bytes(values.map { UInt8($0.rounded()) })),
      parameters)
    let encodings = access.encode(images)
    let latents = encodings.points
    let told = images.annotations
    let decoded = access.decode(latents, given: told)
    var command = command("decode")
    command.add("--latent", ShellCommand.numbers(latents))
    try tell(&command, parameters)
    var object = Self.json(
      Pictures.grid(decoded, shape: image, columns: 1), command, "reconstruction.png")
    object["latents"] = Self.json(latents)
    object["scores"] = try .array(scores(images, isWhole: parameters.flag("scores")))
    object["held_out"] = JSONValue(heldOut?.images.count ?? 0)
    object["kl"] = encodings.kl.map(Self.json) ?? .null
    object["neighbours"] = .array(neighbours(of: encodings.mean))
    object["searched"] = JSONValue(training?.encodings.count ?? 0)
    return .object(object)
  }

  /// As `expt score` takes by default.
  private static let samples = 50

  /// What `expt score` says of an image, beside the held-out images: `below` is the share of these whose
  /// score is lower.
  ///
  /// - Parameter isWhole: Whether to compute all scores that the model has, or `reconstruction` alone, which
  ///   takes no time.
  private func scores(_ image: ImageSet, isWhole: Bool) throws -> [JSONValue] {
    guard let part = try? examples().part, let heldOut else { return [] }
    let subject = TrainedSubject(run, part.replacing(images: image))
    if isWhole { subject.trainingEncodings = heldOut.trainingEncodings }
    return try scores(of: subject, isWhole).map { score, values in
      let usual = try usualScores[score.rawValue] ?? usual(score, heldOut, isWhole)
      return [
        "name": .string(score.rawValue), "value": JSONValue(values[0]),
        "about": .string(score.description(samples: Self.samples)),
        "below": usual.isEmpty
          ? .null : JSONValue(Double(usual.count { $0 < values[0] }) / Double(usual.count)),
      ]
    }
  }

  private func scores(
    of subject: TrainedSubject, _ isWhole: Bool
  ) throws -> [(score: AnomalyScore, values: [Double])] {
    guard !isWhole else { return AnomalyScore.known(of: subject, samples: Self.samples, seed: 0) }
    return [
      (.reconstruction, try AnomalyScore.reconstruction.values(of: subject, samples: 1, seed: 0))
    ]
  }

  private func usual(
    _ score: AnomalyScore, _ heldOut: TrainedSubject, _ isWhole: Bool
  ) throws -> [Double] {
    for (score, values) in try scores(of: heldOut, isWhole) {
      usualScores[score.rawValue] = values.sorted()
    }
    return usualScores[score.rawValue] ?? []
  }

  /// Brought to what the model takes: standardized as its own data were, with what it is told.
  private func adapted(_ images: ImageSet, _ parameters: Parameters) throws -> ImageSet {
    var images = images
    let told = try told(parameters, count: 1)
    images.labels = told.labels
    images.factors = told.factors
    guard let splits = (try? examples())?.data.splits else { return images }
    return try splits.adapting(images)
  }

  /// The training images whose latents are nearest.
  private func neighbours(of latent: [Float]) -> [JSONValue] {
    guard let training else { return [] }
    let distances = training.encodings.mean.chunked(space.width).map {
      squaredError($0, latent[...])
    }
    let nearest = distances.indices.sorted {
      distances[$0] == distances[$1] ? $0 < $1 : distances[$0] < distances[$1]
    }
    return nearest.prefix(Self.shownNeighbours).map { index in
      [
        "index": JSONValue(index), "distance": JSONValue(distances[index].squareRoot()),
        "label": training.images.labels.map { JSONValue($0[index]) } ?? .null,
      ]
    }
  }

  /// One of those training images.
  func neighbour(_ parameters: Parameters) throws -> Image8 {
    guard let training else { throw Refusal(409, "the training images are not there") }
    let index = try parameters.whole("index", in: 0...(training.images.count - 1), default: 0)
    return Pictures.grid(
      access.presented(training.images, index..<index + 1), shape: access.image, columns: 1)
  }
}
