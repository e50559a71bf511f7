import ExptComponents
import ExptFiles
import ExptInference
import ExptReport
import ExptTraining

extension OpenModel {
  /// What the page needs to know to make its controls.
  var description: JSONValue {
    get throws {
      let examples: Examples?
      var problems = run.concerns
      do throws(Refusal) {
        let found = try self.examples()
        problems += found.warnings
        examples = found
      } catch {
        problems.append("no images, and so no points: " + error.message)
        examples = nil
      }
      if let wanted = run.manifest.dataset.substitutedFor {
        problems.append(
          "this run was trained on '\(run.manifest.dataset.name)' IN PLACE OF '\(wanted)'")
      }
      let image = access.image
      return [
        "checkpoint": .string(run.checkpoint.description),
        "epoch": JSONValue(run.position.epoch),
        "stage": .string(run.stage),
        "space": .string(space.description),
        "width": JSONValue(space.width),
        "isEuclidean": .bool(space.isEuclidean),
        "image": .array([image[0], image[1], image[2]].map { JSONValue($0) }),
        "sources": .array(sources),
        "seed": .string("\(run.experiment.seed)"),
        "classes": access.told.classes.map { JSONValue($0) } ?? .null,
        "factors": .array(factors(examples)),
        "units": .array(units),
        "codes": codes,
        "points": JSONValue(examples?.encodings.count ?? 0),
        "split": examples.map { .string($0.part.split.rawValue) } ?? .null,
        "colours": .array(colours(examples).map { .string($0) }),
        "centre": Self.json(centre),
        "problems": .array(problems.map { .string($0) }),
      ]
    }
  }

  /// What the decoder is told besides a class, each with the range that the images have.
  private func factors(_ examples: Examples?) -> [JSONValue] {
    access.told.factors.map { name in
      let known = examples?.encodings.annotations.factors.first { $0.name == name }?.values ?? []
      return [
        "name": .string(name), "low": JSONValue(known.min() ?? 0),
        "high": JSONValue(known.max() ?? 1),
      ]
    }
  }

  /// The grid that codes stand in, and of how many each is one.
  private var codes: JSONValue {
    guard case .indices(let grid, let size) = space else { return .null }
    return [
      "grid": .array([grid[0], grid[1], grid[2]].map { JSONValue($0) }), "size": JSONValue(size),
    ]
  }

  /// The units of the latents, the most important first.
  private var units: [JSONValue] {
    let sorted = space.isNumbered ? dimensions : dimensions.byImportance
    return sorted.prefix(Self.mostUnits).map { dimension in
      let unit = dimension.unit
      let (centre, spread) = dimension.course
      return [
        "number": JSONValue(dimension.number), "name": .string(unit.name),
        "kind": .string("\(unit.kind)"), "start": JSONValue(unit.numbers.lowerBound),
        "count": JSONValue(unit.numbers.count), "size": JSONValue(unit.size),
        "kl": dimension.kl.map { JSONValue($0) } ?? .null,
        "centre": JSONValue(centre), "spread": JSONValue(spread),
        "prior": .bool(dimension.isMeasuredByPrior),
      ]
    }
  }
  private static let mostUnits = 512

  /// What points can be coloured by.
  private func colours(_ examples: Examples?) -> [String] {
    guard let examples else { return [] }
    let annotations = examples.encodings.annotations
    return (annotations.labels == nil ? [] : ["label"])
      + (examples.encodings.kl == nil ? [] : ["kl"])
      + annotations.factors.map { "factor \($0.name)" }
  }

  static func json(_ values: some Sequence<Float>) -> JSONValue {
    .array(values.map { JSONValue($0) })
  }

  /// A command about this run with these weights.
  func command(_ name: String) -> ShellCommand {
    var command = ShellCommand(name, run.folder.path)
    command.add("--checkpoint", run.checkpoint.description)
    return command
  }

  /// A picture with the command that writes the same bytes.
  static func json(_ picture: Image8, _ command: ShellCommand, _ name: String) -> JSONObject {
    var command = command
    command.add("--output", name)
    var object = JSONObject()
    object["png"] = .string(PNG.bytes(of: picture, compressed: false).base64)
    object["width"] = JSONValue(picture.width)
    object["height"] = JSONValue(picture.height)
    object["command"] = .string(command.text)
    return object
  }
}
