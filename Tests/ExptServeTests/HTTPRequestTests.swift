import Testing

@testable import ExptServe

@Suite("A request")
struct HTTPRequestTests {
  private func parse(_ text: String) throws -> HTTPRequest {
    try HTTPRequest(head: Array(text.utf8)[...])
  }

  @Test func `is read as it was sent`() throws {
    let request = try parse(
      "GET /api/runs?where=a%20%3E%201&b=&a=%C3%A9 HTTP/1.1\r\nHost: x:1\r\nContent-Length:  7 ")
    #expect(request.method == "GET" && request.path == "/api/runs")
    #expect(request.query.map(\.name) == ["where", "b", "a"])
    #expect(request.query.map(\.value) == ["a > 1", "", "é"])
    #expect(request.headers == ["host": "x:1", "content-length": "7"])
    #expect(try request.bodyLength(most: 7) == 7 && request.keepsConnection)
    #expect(throws: Refusal.self) { try request.bodyLength(most: 6) }
    #expect(try parse("GET /%2e%2e/x HTTP/1.1").path == "/%2e%2e/x")
  }

  @Test(arguments: [
    "", "GET", "GET /", "GET / HTTP/2", "GET  / HTTP/1.1", "GET http://x/ HTTP/1.1",
    "GET * HTTP/1.1",
    "GET / HTTP/1.1\r\nHost: a\r\nhost: b", "GET / HTTP/1.1\r\n: x", "GET / HTTP/1.1\r\nA : x",
    "GET / HTTP/1.1\r\nA: x\r\n folded", "GET / HTTP/1.1\r\nnothing", "GET / HTTP/1.1\nHost: a",
    "GET / HTTP/1.1\r\nA: \u{0}", "GET / HTTP/1.1\r\nA: é", "GET /?a=%zz HTTP/1.1",
    "GET /?a=%F HTTP/1.1", "GET /?a=%FF HTTP/1.1", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked",
  ])
  func `that is malformed is refused`(_ text: String) {
    #expect(throws: Refusal.self) { try parse(text) }
  }

  @Test(arguments: ["-1", "1e3", "", "x", "99999999999999999999", "+1", "1,1"])
  func `must say a length that is one`(_ length: String) throws {
    let request = try parse("GET / HTTP/1.1\r\nContent-Length: \(length)")
    #expect(throws: Refusal.self) { try request.bodyLength(most: .max) }
  }

  @Test func `with too many headers is refused`() {
    let many = (0...HTTPRequest.mostHeaders).map { "\r\nA\($0): x" }.joined()
    #expect(throws: Refusal.self) { try parse("GET / HTTP/1.1" + many) }
  }
}
