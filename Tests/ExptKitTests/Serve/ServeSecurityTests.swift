import ExptTestSupport
import Foundation
import Testing

@Suite("Whoever asks expt serve")
struct ServeSecurityTests {
  private let folder = TemporaryFolder()

  @Test func `by another name, without the token or from another page is refused`() throws {
    let served = try Served([folder.path])
    let cookie = ["Cookie": "expt-\(served.port)=\(served.token)"]
    let plain = try served.ask("GET", "/", headers: [:])
    #expect(plain.status == 401)
    for header in [
      "Content-Security-Policy: default-src 'self'", "frame-ancestors 'none'",
      "X-Content-Type-Options: nosniff",
    ] { #expect(plain.head.contains(header), "\(plain.head)") }
    #expect(!plain.head.contains("Access-Control-Allow-Origin"))
    let rebound = cookie.merging(["Host": "evil.example:\(served.port)"]) { $1 }
    #expect(try served.ask("GET", "/api/runs", headers: rebound).status == 421)
    let first = try served.ask("GET", "/?token=\(served.token)", headers: [:])
    #expect(first.status == 200 && first.head.contains("HttpOnly; SameSite=Strict"))
    #expect(try served.ask("GET", "/?token=\(served.token)x", headers: [:]).status == 401)
    let body = Array("{\"run\":\"x\"}".utf8)
    let foreign = cookie.merging([
      "Origin": "http://evil.example", "Content-Type": "application/json",
    ]) { $1 }
    #expect(try served.ask("POST", "/api/notes", headers: foreign, body: body).status == 403)
    // A form needs no permission of the browser's.
    let form = cookie.merging([
      "Origin": "http://127.0.0.1:\(served.port)", "Content-Type": "text/plain",
    ]) { $1 }
    #expect(try served.ask("POST", "/api/notes", headers: form, body: body).status == 415)
    #expect(try served.ask("OPTIONS", "/api/notes", headers: foreign).status == 405)
  }

  @Test func `for a path gets none: files are known by lists, runs by ids`() throws {
    let secret = try folder.write("secret", to: "secret.txt")
    let runs = try ServedRuns.make(in: folder)
    // A run, and a picture, that lead out of what is served.
    let files = FileManager.default
    try files.moveItem(atPath: "\(runs)/b", toPath: folder.file("elsewhere"))
    try files.createSymbolicLink(
      atPath: "\(runs)/b", withDestinationPath: folder.file("elsewhere"))
    let linked = "\(runs)/a/images/linked-epoch-0001.png"
    try files.createSymbolicLink(
      atPath: linked, withDestinationPath: folder.file("elsewhere/images/samples-epoch-0001.png"))
    let served = try Served([runs])
    let all = try served.get("/api/runs").json
    #expect(all["total"] as? Int == 2 && all["left_out"] as? Int == 1)
    let run = try served.id("a")
    let picture = try served.get("/api/picture?run=\(run)&kind=linked&epoch=1")
    #expect(picture.status == 404, "\(picture.status)")
    for path in [
      "/../secret.txt", "/page/../../secret.txt", "/page/%2e%2e/secret.txt",
      "/page/..%2f..%2fsecret.txt", secret, "//etc/passwd", "/page//etc/passwd",
      "/page/\(secret)", "/%00", "/page/index.html%00.js", "/api/run?run=../a",
      "/api/run?run=\(runs)/a", "/api/picture?run=\(run)&kind=../experiment&epoch=1",
      "/api/picture?run=\(run)&kind=..%2f..%2fsecret&epoch=1",
      "/api/model/open?run=\(run)&checkpoint=../../secret", "/api/model/../runs", "/api/model/",
    ] {
      let answer = try served.get(path)
      #expect(answer.status >= 400 && answer.status < 500, "\(path): \(answer.status)")
      #expect(!answer.text.contains("root:") && answer.text != "secret", "\(path)")
    }
  }

  @Test func `for too much is told so`() throws {
    let runs = try ServedRuns.make(in: folder)
    let served = try Served([runs])
    let run = try served.id("a")
    let long = (0..<5000).map { _ in 0 }
    for body: [String: Any] in [
      ["run": run, "latents": [1, 2, 3]], ["run": run, "latents": long], ["run": run],
      ["run": run, "latents": ["NaN", 0, 0, 0]], ["run": run, "latents": [1e39, 0, 0, 0]],
      ["run": run, "latents": [0, 0, 0, 0], "place": ["view": "dims", "a": 9, "b": 1]],
    ] { #expect(try served.post("/api/model/decode", body).status == 400, "\(body.keys)") }
    #expect(try served.post("/api/model/encode", ["run": run, "pixels": [0, 1]]).status == 400)
    #expect(try served.get("/api/model/sample?run=\(run)&count=100000").status == 400)
    let large = Array(repeating: UInt8(ascii: " "), count: 5 << 20)
    let answer = try served.ask(
      "POST", "/api/notes",
      headers: [
        "Cookie": "expt-\(served.port)=\(served.token)", "Content-Type": "application/json",
        "Origin": "http://127.0.0.1:\(served.port)",
      ], body: large)
    #expect(answer.status == 413)
    #expect(try served.get("/api/runs").status == 200)
  }

  @Test func `as the 200th page is refused politely, and the others go on`() throws {
    let served = try Served([folder.path])
    let request = Array(
      """
      GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:\(served.port)\r\n\
      Cookie: expt-\(served.port)=\(served.token)\r\n\r\n
      """.utf8)
    let pages = try (0..<200).map { _ in try Connection(port: served.port, patience: 10) }
    for page in pages { page.write(request) }
    let answers = pages.map { String(decoding: $0.read(), as: UTF8.self) }
    #expect(answers.count { $0.contains(" 200 ") } == 32)
    #expect(answers.count { $0.contains(" 503 ") } == 168)
    #expect(try served.get("/api/runs").status == 200)
  }

  @Test func `with a line that does not end waits alone, and is told that it is too long`() throws {
    let served = try Served([folder.path])
    let line = Array("GET /".utf8) + Array(repeating: UInt8(ascii: "a"), count: 4 << 20)
    let clock = ContinuousClock()
    let took = try clock.measure {
      let answer = String(decoding: try served.send(line, patience: 5), as: UTF8.self)
      #expect(answer.hasPrefix("HTTP/1.1 431"), "\(answer.prefix(80))")
    }
    #expect(took < .seconds(5))
    #expect(try served.get("/api/runs").status == 200)
  }

  @Test func `in ten thousand malformed ways stops nothing`() throws {
    let runs = try ServedRuns.make(in: folder)
    let served = try Served([runs])
    let run = try served.id("a")
    var maker = MalformedRequests(
      SeededGenerator(11), port: served.port, token: served.token, run: run)
    var answered = 0
    for _ in 0..<200 {
      // Fifty on a connection, until the server closes it.
      let connection = try Connection(port: served.port, patience: 0.05)
      for _ in 0..<50 { connection.write(maker.next()) }
      if !connection.read().isEmpty { answered += 1 }
    }
    #expect(served.isRunning, "seed 11")
    #expect(answered > 20, "\(answered) of 200 connections got an answer")
    #expect(try served.get("/api/runs").json["total"] as? Int == 3)
    #expect(!FileManager.default.fileExists(atPath: "\(runs)/a/notes.json"))
    #expect(served.memory < 600 << 20, "\(served.memory >> 20) MiB")
  }
}

/// Requests as nobody should send them.
private struct MalformedRequests {
  var generator: SeededGenerator
  let port: UInt16
  let token: String
  let run: String

  init(_ generator: SeededGenerator, port: UInt16, token: String, run: String) {
    (self.generator, self.port, self.token, self.run) = (generator, port, token, run)
  }

  private mutating func pick<Element>(_ list: [Element], or other: Element) -> Element {
    list.randomElement(using: &generator) ?? other
  }

  private mutating func noise(_ most: Int) -> [UInt8] {
    (0..<Int.random(in: 0...most, using: &generator)).map { _ in
      UInt8.random(in: 0...255, using: &generator)
    }
  }

  mutating func next() -> [UInt8] {
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: return noise(200)
    case 1:
      return Array(
        "GET / HTTP/1.1\r\nContent-Length: \(pick(["-1", "9e9", "", "x"], or: "1"))\r\n\r\n".utf8)
    default: break
    }
    let paths = [
      "/", "*", "", "/api/runs?where=\(String(repeating: "(", count: 300))", "/api/run?run=%FF%FE",
      "/api/curves?runs=\(run)&smooth=1e400&from=nan&to=-inf",
      "/api/runs?start=-1&count=99999999999",
      "/api/model/decode", "/api/model/encode", "/api/notes", "/api/events", "http://evil/", "/%",
      "/api/model/sample?run=\(run)&seed=-1&temperature=1e999", "/\u{0}", "/page/\u{202E}",
      "/api/model/plane?run=\(run)&view=dims&a=-5&b=99999999999999999999",
      "/api/picture?run=\(run)&kind=a&epoch=99999999999999999999999",
    ]
    let bodies = [
      "", "{", "[]", "{\"run\":\"\(run)\",\"latents\":[1e999]}", "{\"run\":1}", "null",
      String(repeating: "[", count: 5000), "{\"run\":\"\(run)\",\"pixels\":[-1,256,\"x\"]}",
      "{\"run\":\"\(run)\",\"latents\":[0,0,0,0],\"columns\":-3}",
      "{\"run\":\"\(run)\",\"tags\":[{}],\"note\":7}", "\u{FEFF}{}",
    ]
    let method = pick(["GET", "POST", "PUT", "G\u{0}T", "get", ""], or: "GET")
    var text = "\(method) \(pick(paths, or: "/")) \(pick(["HTTP/1.1", "HTTP/9", ""], or: ""))\r\n"
    text += "Host: 127.0.0.1:\(port)\r\nCookie: expt-\(port)=\(token)\r\n"
    text += "Origin: http://127.0.0.1:\(port)\r\nContent-Type: application/json\r\n"
    text += pick(["", "Range: bytes=9-1\r\n", ": x\r\n", "A\r\n", "X: \u{7F}\r\n"], or: "")
    let body = pick(bodies, or: "")
    let length =
      Bool.random(using: &generator) ? body.utf8.count : Int.random(in: 0...9, using: &generator)
    text += pick(
      [
        "Content-Length: \(length)\r\n", "Transfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
      ],
      or: "")
    return Array((text + "\r\n" + body).utf8)
  }
}
