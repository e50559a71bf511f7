import ExptFiles

/// From a request to its answer, past the gate.
struct Router: Sendable {
  let gate: Gate
  let site: Site

  /// Of a POST, in bytes: a colour image of 512 × 512 as numbers in JSON.
  static let largestBody = 4 << 20
  /// Where requests go through a WebSocket.
  static let socketPath = "/api/socket"

  func answer(_ request: HTTPRequest) -> Answer {
    do throws(Refusal) {
      switch gate.look(at: request) {
      case .refused(let refusal): throw refusal
      case .welcomed:
        var answer = PageFiles.start
        answer.headers.append((name: "Set-Cookie", value: gate.cookie))
        return answer
      case .allowed: break
      }
      if request.path == Self.socketPath {
        let socket = try WebSocket(request) { [site] in site.reply(to: $0) }
        return Answer(type: "text/plain", body: [], socket: socket)
      }
      guard request.method == "POST" else {
        return try site.get(request.path, Parameters(query: request.query))
      }
      guard let value = try? JSONValue.parse(request.body, path: "request"),
        let object = value.object
      else { throw Refusal.bad("the request is not a JSON object") }
      return try site.change(request.path, Parameters(object))
    } catch {
      return .refused(error)
    }
  }
}
