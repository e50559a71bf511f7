import Testing

@testable import ExptServe

@Suite("The gate")
struct GateTests {
  private let token = Gate.makeToken()
  private var gate: Gate {
    Gate(hosts: ["localhost", "127.0.0.1", "[::1]"], port: 8642, token: token)
  }

  private func look(
    _ headers: [String: String], _ method: String = "GET", _ path: String = "/api/runs",
    token: String? = nil
  ) throws -> Gate.Entrance {
    let query = token.map { "?token=\($0)" } ?? ""
    let lines = ["\(method) \(path)\(query) HTTP/1.1"] + headers.map { "\($0.key): \($0.value)" }
    return gate.look(at: try HTTPRequest(head: Array(lines.joined(separator: "\r\n").utf8)[...]))
  }

  private func status(_ entrance: Gate.Entrance) -> Int? {
    if case .refused(let refusal) = entrance { refusal.status } else { nil }
  }

  private var mine: [String: String] {
    ["Host": "127.0.0.1:8642", "Cookie": "other=1; expt-8642=\(token)"]
  }

  @Test func `lets the cookie in, and the token of the address once`() throws {
    #expect(try look(mine) == .allowed)
    #expect(try look(["Host": "localhost:8642"], "GET", "/", token: token) == .welcomed)
    #expect(try status(look(["Host": "localhost:8642"], token: token)) == 401)
  }

  @Test(arguments: [
    "evil.example:8642", "127.0.0.1", "127.0.0.1:80", "", "127.0.0.1:8642.evil.example",
    "localhost:8642@evil.example", "10.0.0.1:8642",
  ])
  func `refuses other names, with the cookie too`(_ host: String) throws {
    #expect(try status(look(mine.merging(["Host": host]) { $1 })) == 421)
  }

  @Test func `refuses what has no token, or a wrong one`() throws {
    for cookie in ["", "expt-8642=", "expt-8642=\(token)x", "expt-8643=\(token)", token] {
      #expect(try status(look(["Host": "localhost:8642", "Cookie": cookie])) == 401, "\(cookie)")
    }
    #expect(
      try status(look(["Host": "localhost:8642"], "GET", "/", token: "a" + token.dropFirst()))
        != nil)
  }

  @Test func `refuses requests of other pages`() throws {
    for origin in ["http://evil.example", "null", "https://127.0.0.1:8642", "http://127.0.0.1:1"] {
      let refused = try look(mine.merging(["Origin": origin]) { $1 })
      #expect(status(refused) == 403, "\(origin)")
    }
    #expect(try look(mine.merging(["Origin": "http://127.0.0.1:8642"]) { $1 }) == .allowed)
    #expect(try status(look(mine.merging(["Sec-Fetch-Site": "cross-site"]) { $1 })) == 403)
  }

  @Test func `opens a WebSocket only to its own page`() throws {
    #expect(try status(look(mine, "GET", Router.socketPath)) == 403)
    let foreign = mine.merging(["Origin": "http://evil.example"]) { $1 }
    #expect(try status(look(foreign, "GET", Router.socketPath)) == 403)
    let own = ["Host": "127.0.0.1:8642", "Origin": "http://127.0.0.1:8642"]
    #expect(try status(look(own, "GET", Router.socketPath)) == 401)
    #expect(try look(mine.merging(own) { $1 }, "GET", Router.socketPath) == .allowed)
  }

  @Test func `takes a POST only with its origin, as JSON`() throws {
    let json = ["Content-Type": "application/json"]
    let own = ["Origin": "http://127.0.0.1:8642"]
    #expect(try status(look(mine.merging(json) { $1 }, "POST", "/api/notes")) == 403)
    #expect(try status(look(mine.merging(own) { $1 }, "POST", "/api/notes")) == 415)
    let form = ["Content-Type": "text/plain"]
    let both = mine.merging(own) { $1 }
    #expect(try status(look(both.merging(form) { $1 }, "POST", "/api/notes")) == 415)
    #expect(try look(both.merging(json) { $1 }, "POST", "/api/notes") == .allowed)
    #expect(try status(look(both, "DELETE", "/api/notes")) == 405)
  }

  @Test func `makes tokens of 160 bits that differ`() {
    let tokens = (0..<100).map { _ in Gate.makeToken() }
    #expect(Set(tokens).count == 100 && tokens.allSatisfy { $0.count == 32 })
  }
}
