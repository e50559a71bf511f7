import ExptFiles

/// What the page can ask for.
struct Site: Sendable {
  let library: RunLibrary
  let feed: LiveFeed
  let table: RunTable
  let explorer: Explorer

  func get(_ path: String, _ parameters: Parameters) throws(Refusal) -> Answer {
    switch path {
    case "/": return PageFiles.start
    case "/api/runs": return .json(try table.json(RunTable.Request(parameters)))
    case "/api/ids":
      let request = try RunTable.Request(parameters)
      let chosen = try table.entries(request, most: RunCurves.mostRuns)
      return .json(.array(chosen.map { .string($0.id) }))
    case "/api/run":
      return .json(RunPage(entry: try library.entry(parameters.required("run"))).json)
    case "/api/curves": return .json(try RunCurves(library: library).json(parameters))
    case "/api/sweep": return .json(try SweepPage(table: table).json(parameters))
    case "/api/picture":
      let entry = try library.entry(parameters.required("run"))
      let epoch = try parameters.whole("epoch", in: 0...Int.max, default: 0)
      return .png(
        try PictureShelf(entry.record.folder).picture(parameters.required("kind"), epoch: epoch))
    case "/api/events":
      return Answer(type: "text/event-stream", body: [], events: try feed.listen())
    default:
      if path.hasPrefix("/page/"), let file = PageFiles.answer(String(path.dropFirst(6))) {
        return file
      }
      if path.hasPrefix("/api/model/") {
        return try explorer.answer(String(path.dropFirst(11)), parameters)
      }
      throw .missing("there is no such page")
    }
  }

  /// The answer to a message `{ number, path, body }` of a WebSocket, which stands for a POST:
  /// `{ number, status, body }`.
  func reply(to message: [UInt8]) -> [UInt8] {
    let object = (try? JSONValue.parse(message, path: "message"))?.object
    var answer: Answer
    do throws(Refusal) {
      guard let path = object?["path"]?.string, let body = object?["body"]?.object else {
        throw .bad("the message is not an object with a path and a body")
      }
      answer = try change(path, Parameters(body))
    } catch {
      answer = .refused(error)
    }
    if !answer.isJSON { answer = .refused(.bad("a picture has an address: GET it")) }
    let number = object?["number"]?.int ?? 0
    let start = "{\"number\":\(number),\"status\":\(answer.status),\"body\":"
    return Array(start.utf8) + (answer.body.isEmpty ? Array("null".utf8) : answer.body) + [0x7D]
  }

  func change(_ path: String, _ parameters: Parameters) throws(Refusal) -> Answer {
    switch path {
    case "/api/notes":
      let id = try NoteKeeper(library: library).write(parameters)
      RunWatch(library: library, feed: feed).tell([id])
      return .json(RunPage(entry: try library.entry(id)).json)
    default:
      guard path.hasPrefix("/api/model/") else { throw .missing("there is no such page") }
      return try explorer.answer(String(path.dropFirst(11)), parameters)
    }
  }
}
