import ExptComponents
import ExptData
import ExptFiles
import ExptInference
import ExptTensor
import ExptTraining

extension OpenModel {
  /// What each dimension does to an image: as `expt traverse` draws it.
  func traverse(_ parameters: Parameters) throws -> JSONValue {
    let examples = try examples()
    let image = try parameters.whole("image", in: 0...(examples.part.count - 1), default: 0)
    let range = try parameters.number("range", in: 0...1000, default: 3)
    let steps = try parameters.whole("steps", in: 2...64, default: 11)
    let rows = try parameters.whole("rows", in: 1...64, default: 10)
    let sorted =
      space.isNumbered ? examples.encodings.dimensions : examples.encodings.dimensions.byImportance
    let chosen = Array(sorted.prefix(rows))
    let traversal = LatentWalks.traversal(
      of: examples.encodings.mean(ofImage: image), along: chosen, range: range, steps: steps,
      in: space)
    let own = examples.encodings.annotations(ofImage: image, count: traversal.count)
    let pictures = access.decode(traversal.latents, given: own)
    var command = command("traverse")
    command.add("--image", "\(image)")
    command.add("--range", "\(range)")
    command.add("--steps", "\(steps)")
    command.add("--dimensions", chosen.map { "\($0.number)" }.joined(separator: ","))
    let picture = Pictures.grid(
      traversal.filled(pictures, size: access.image.count), shape: access.image,
      columns: traversal.columns)
    var object = Self.json(picture, command, "traversals.png")
    object["rows"] = .array(traversal.rows.map { .string($0.name) })
    return .object(object)
  }

  /// The way through some latents, drawn by hand or between two images.
  func interpolate(_ parameters: Parameters) throws -> JSONValue {
    let stops = try latents(parameters.numbers("latents", most: Self.mostNumbers), most: 64)
      .chunked(space.width)
    guard stops.count > 1 else { throw Refusal.bad("a way has two ends at least") }
    let steps = try parameters.whole("steps", in: 2...64, default: 10)
    let isSpherical = parameters.flag("spherical")
    let way = zip(stops, stops.dropFirst()).flatMap { a, b in
      LatentWalks.interpolation(from: a, to: b, steps: steps, spherical: isSpherical, in: space)
    }
    var fields = parameters.only(["label"] + access.told.factors.map { "factor_\($0)" })
    fields["latents"] = Self.json(way)
    fields["columns"] = JSONValue(steps)
    return try decode(Parameters(fields))
  }

  // MARK: One held-out image

  /// As the model sees it.
  func example(_ parameters: Parameters) throws -> Image8 {
    let part = try examples().part
    let index = try parameters.whole("index", in: 0...(part.count - 1), default: 0)
    let first = part.range.lowerBound + index
    return Pictures.grid(
      access.presented(part.images, first..<first + 1), shape: access.image, columns: 1)
  }

  /// Its latents, and how sure the encoder is of them in a plane.
  func encoding(_ parameters: Parameters) throws -> JSONValue {
    let encodings = try examples().encodings
    let index = try parameters.whole("index", in: 0...(encodings.count - 1), default: 0)
    let latent = Array(encodings.mean(ofImage: index))
    var fields = JSONObject()
    fields["index"] = JSONValue(index)
    fields["latents"] = Self.json(space.points(nearest: latent))
    fields["label"] = encodings.annotations.labels.map { JSONValue($0[index]) } ?? .null
    fields["kl"] = encodings.kl(ofImage: index).map { JSONValue($0) } ?? .null
    if let view = try parameters.text("view", longest: 16), !view.isEmpty {
      let last = max(1, space.width) - 1
      let plane = try planes.plane(
        parameters.choice("view", default: .numbers),
        a: parameters.whole("a", in: 0...last, default: 0),
        b: parameters.whole("b", in: 0...last, default: min(1, last)))
      if plane.points.indices.contains(index) {
        let point = plane.points[index]
        fields["place"] = ["x": JSONValue(point.x), "y": JSONValue(point.y)]
      }
      let covariance = variances(encodings, index).flatMap(plane.covariance)
      fields["covariance"] = covariance.map { .array($0.map { JSONValue($0) }) } ?? .null
    }
    return .object(fields)
  }

  /// Of a Gaussian posterior with a variance for each number; nil for any other.
  private func variances(_ encodings: Encodings, _ index: Int) -> [Float]? {
    guard let all = encodings[parameter: "log_variance"], all.count == encodings.mean.count else {
      return nil
    }
    let width = encodings.latent
    return all[index * width..<(index + 1) * width].map { Float(RepeatableMath.exp(Double($0))) }
  }
}
