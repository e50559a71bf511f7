import ExptComponents
import ExptData
import ExptFiles
import ExptInference
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
  func tell(_ command: inout ShellCommand, _ parameters: Parameters) throws(Refusal) {
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
    /// In the middle of a picture of the grid, counted from the upper left.
    func latent(_ column: Int, _ row: Int) -> [Float] {
      func share(_ place: Int) -> Double { (Double(place) + 0.5) / Double(size) }
      return plane.latent(
        at: (low.x + share(column) * span, low.y + (1 - share(row)) * span), from: base, means)
    }
    let latents: [Float]
    var command: ShellCommand
    if plane.directions == nil {
      // A map bends: each of its places is written out.
      latents = space.points(
        nearest: (0..<size * size).flatMap { latent($0 % size, $0 / size) })
      command = try decodeCommand(latents, parameters)
      command.add("--columns", "\(size)")
    } else {
      let corners = (latent(0, 0), latent(size - 1, 0), latent(0, size - 1))
      latents = LatentWalks.grid(
        (corners.0[...], corners.1[...], corners.2[...]), size: size, in: space)
      command = try decodeCommand(corners.0 + corners.1 + corners.2, parameters)
      command.add("--grid", "\(size)")
    }
    let picture = picture(latents, told: try told(parameters, count: size * size), columns: size)
    return .object(Self.json(picture, command, "plane.png"))
  }
}
