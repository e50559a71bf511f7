import ExptComponents
import ExptFiles
import ExptReport
import ExptTraining

/// What the page can ask of a run's model. Pictures come with the command that writes the same bytes.
struct Explorer: Sendable {
  private let library: RunLibrary
  private let desk: ModelDesk

  init(library: RunLibrary, catalog: Catalog, environment: DataEnvironment) {
    self.library = library
    desk = ModelDesk(catalog: catalog, environment: environment)
  }

  private enum Route: String {
    case open, plane, decode, background, sample, traverse, interpolate, example, encoding, encode
    case neighbour
  }

  func answer(_ route: String, _ parameters: Parameters) throws(Refusal) -> Answer {
    guard let route = Route(rawValue: route) else { throw .missing("there is no such page") }
    let entry = try library.entry(parameters.required("run"))
    let answer = try desk.perform(
      entry, checkpoint: parameters.text("checkpoint", longest: 32), turn: Self.turn(parameters)
    ) { model -> Answer in
      switch route {
      case .open: try .json(model.description)
      case .plane: try .json(model.plane(parameters))
      case .decode: try .json(model.decode(parameters))
      case .background: try .json(model.background(parameters))
      case .sample: try .json(model.sample(parameters))
      case .traverse: try .json(model.traverse(parameters))
      case .interpolate: try .json(model.interpolate(parameters))
      case .encoding: try .json(model.encoding(parameters))
      case .encode: try .json(model.encodeOwn(parameters))
      case .example: try .png(model.example(parameters))
      case .neighbour: try .png(model.neighbour(parameters))
      }
    }
    return answer ?? Answer(status: 204, type: "application/json", body: [])
  }

  private static func turn(_ parameters: Parameters) throws(Refusal) -> ModelDesk.Turn? {
    guard let channel = try parameters.text("channel", longest: 64) else { return nil }
    let number = try parameters.whole("turn", in: 0...Int.max, default: 0)
    return ModelDesk.Turn(channel: channel, number: number)
  }
}
