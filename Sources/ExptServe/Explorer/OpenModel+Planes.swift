import ExptComponents
import ExptData
import ExptFiles
import ExptReport
import ExptTensor
import ExptTraining

extension OpenModel {
  private func chosenPlane(_ parameters: Parameters) throws(Refusal) -> Plane {
    let last = max(1, space.width) - 1
    return try planes.plane(
      parameters.choice("view", default: .numbers),
      a: parameters.whole("a", in: 0...last, default: 0),
      b: parameters.whole("b", in: 0...last, default: min(1, last)))
  }

  /// The points of a plane as a drawing.
  func plane(_ parameters: Parameters) throws -> JSONValue {
    let plane = try chosenPlane(parameters)
    let encodings = try examples().encodings
    let colour = try parameters.text("colour", longest: 200) ?? ""
    let count = plane.points.count
    let factor = encodings.annotations.factors.first { "factor \($0.name)" == colour }
    let values: [Double]? =
      colour == "kl"
      ? (0..<count).map { encodings.kl(ofImage: $0) ?? .nan }
      : factor?.values.prefix(count).map(Double.init)
    let labels =
      colour == "label" ? encodings.annotations.labels?.prefix(count).map { Int($0) } : nil
    let drawing = LatentPlane(
      title: "Latents of \(count) images: \(plane.axes.x) and \(plane.axes.y)", axes: plane.axes,
      points: plane.points, labels: labels, values: values)
    return [
      "figure": drawing.html.map { .string($0) } ?? .null,
      "caption": .string(plane.caption),
    ]
  }

  /// The picture at a latent, or at a place in a plane.
  func decode(_ parameters: Parameters) throws -> JSONValue {
    var latents = try self.latents(
      parameters.numbers("latents", most: Self.mostNumbers), most: Self.mostDecoded)
    if let place = parameters.object("place").map({ Parameters($0) }) {
      let whole = -1e9...1e9
      let (x, y) = (
        try place.number("x", in: whole, default: 0), try place.number("y", in: whole, default: 0)
      )
      let plane = try chosenPlane(place)
      latents = space.points(
        nearest: plane.latent(
          at: (x, y), from: Array(latents.prefix(space.width)), try examples().encodings.mean))
    }
    let count = latents.count / max(1, space.width)
    let columns = try parameters.whole("columns", in: 1...Self.mostDecoded, default: count)
    let told = try told(parameters, count: count)
    var command = try decodeCommand(latents, parameters)
    if count > 1 { command.add("--columns", "\(columns)") }
    var object = Self.json(
      picture(latents, told: told, columns: columns), command, "decoded.png")
    object["latents"] = Self.json(latents)
    if let seen = parameters.object("seen"),
      let place = try chosenPlane(Parameters(seen)).place(of: latents)
    {
      object["place"] = ["x": JSONValue(place.x), "y": JSONValue(place.y)]
    }
    if count == 1, let density { object["thin"] = .bool(density.isThin(at: latents[...])) }
    return .object(object)
  }

  static let mostDecoded = 1024
  static let mostNumbers = 1 << 18

  private func decodeCommand(
    _ latents: [Float], _ parameters: Parameters
  ) throws(Refusal) -> ShellCommand {
    var command = command("decode")
    for row in latents.chunked(space.width) { command.add("--latent", ShellCommand.numbers(row)) }
    try tell(&command, parameters)
    return command
  }

  /// Options for what a conditional decoder is told.
  private func tell(_ command: inout ShellCommand, _ parameters: Parameters) throws(Refusal) {
    let told = try told(parameters, count: 1)
    if let label = told.labels?.first { command.add("--label", "\(label)") }
    for factor in told.factors {
      command.add("--factor")
      command.add("\(factor.name)=\(factor.values.first ?? 0)")
    }
  }

  /// Decoded places of a plane, for behind its points: `size` × `size` pictures over the whole drawing.
  func background(_ parameters: Parameters) throws -> JSONValue {
    let plane = try chosenPlane(parameters)
    let size = try parameters.whole("size", in: 2...24, default: 12)
    let base = try latents(parameters.numbers("latents", most: Self.mostNumbers), most: 1)
    let low = (
      x: try parameters.number("x0", in: -1e9...1e9, default: -3),
      y: try parameters.number("y0", in: -1e9...1e9, default: -3)
    )
    let span = try parameters.number("span", in: 1e-9...1e9, default: 6)
    let means = try examples().encodings.mean
    let latents = (0..<size * size).flatMap { index -> [Float] in
      let column = (Double(index % size) + 0.5) / Double(size)
      let row = 1 - (Double(index / size) + 0.5) / Double(size)
      return plane.latent(at: (low.x + column * span, low.y + row * span), from: base, means)
    }
    let picture = picture(
      space.points(nearest: latents), told: try told(parameters, count: size * size), columns: size)
    return .object(Self.json(picture, try decodeCommand(base, parameters), "decoded.png"))
  }

  /// Samples from the prior, of one class where the model is told one.
  func sample(_ parameters: Parameters) throws -> JSONValue {
    guard access.isGenerative else {
      throw Refusal(409, "this model has no prior to sample from")
    }
    let seed = try parameters.seed("seed", default: run.experiment.seed)
    let temperature = try parameters.number("temperature", in: 0...100, default: 1)
    let count = try parameters.whole("count", in: 1...256, default: 64)
    let told = try told(parameters, count: count)
    guard
      let latents = access.drawPrior(
        count, seed: seed, given: told, temperature: Float(temperature))
    else { throw Refusal(409, "this prior has no standard deviation to scale: leave it at 1") }
    var command = command("sample")
    command.add("--seed", "\(seed)")
    command.add("--count", "\(count)")
    command.add("--temperature", "\(temperature)")
    try tell(&command, parameters)
    let picture = Pictures.square(access.decode(latents, given: told), shape: access.image)
    var object = Self.json(picture, command, "samples.png")
    object["latents"] = Self.json(latents)
    return .object(object)
  }
}
