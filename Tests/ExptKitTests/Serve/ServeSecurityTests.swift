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

  private func openSocket(
    _ served: Served, _ more: [String] = [], sending bytes: [UInt8] = []
  ) throws -> Connection {
    let connection = try Connection(port: served.port, patience: 10)
    let lines = [
      "GET /api/socket HTTP/1.1", "Host: 127.0.0.1:\(served.port)",
      "Cookie: expt-\(served.port)=\(served.token)", "Connection: keep-alive, Upgrade",
      "Upgrade: websocket", "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    connection.write(Array(((lines + more).joined(separator: "\r\n") + "\r\n\r\n").utf8) + bytes)
    return connection
  }

  @Test func `by a WebSocket is answered from its own page alone, and no more than 32 are`() throws
  {
    let served = try Served([folder.path])
    let own = ["Origin: http://127.0.0.1:\(served.port)"]
    for origin in [[], ["Origin: http://evil.example"]] {
      let answer = String(decoding: try openSocket(served, origin).readAll(), as: UTF8.self)
      #expect(answer.hasPrefix("HTTP/1.1 403"), "\(answer)")
    }
    let sockets = try (0..<40).map { _ in try openSocket(served, own) }
    let answers = sockets.map { String(decoding: $0.read(), as: UTF8.self) }
    #expect(answers.count { $0.hasPrefix("HTTP/1.1 101") } == 32)
    #expect(answers.count { $0.hasPrefix("HTTP/1.1 503") } == 8)
    #expect(answers.contains { $0.contains("Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") })
    #expect(try served.get("/api/runs").status == 200)
  }

  /// Frames of all kinds and none, cut anywhere; a good one is answered before them.
  @Test func `by a WebSocket in malformed ways stops nothing`() throws {
    let served = try Served([folder.path])
    var generator = SeededGenerator(5)
    let own = ["Origin: http://127.0.0.1:\(served.port)"]
    let message = Array(#"{"number":7,"path":"/api/model/open","body":{"run":"none"}}"#.utf8)
    let good = [0x81, 0x80 | UInt8(message.count), 0, 0, 0, 0] + message
    var codes: [UInt16: Int] = [:]
    for _ in 0..<2_000 {
      var frame = generator.bytes(Int.random(in: 2...40, using: &generator))
      // Half of them with a head that could be one.
      if Bool.random(using: &generator) {
        frame[0] = 0x80 | frame[0] & 0x0F
        frame[1] |= 0x80
        if Int.random(in: 0..<8, using: &generator) == 0 { (frame[0], frame[1]) = (0x81, 0xFF) }
      }
      let connection = try openSocket(served, own, sending: good + frame)
      connection.finish()
      let answer = connection.readAll()
      let text = String(decoding: answer, as: UTF8.self)
      #expect(text.contains(#"{"number":7,"status":404,"body":{"problem":"#), "\(frame)")
      // The last frame says why it ended.
      try #require(answer.count > 4 && answer[answer.count - 4] == 0x88, "\(frame)")
      codes[UInt16(answer[answer.count - 2]) << 8 | UInt16(answer[answer.count - 1]), default: 0] +=
        1
    }
    for code: UInt16 in [1000, 1001, 1002, 1003, 1009] {
      #expect(codes[code, default: 0] > 0, "none ended with \(code): \(codes)")
    }
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

  /// Each on a connection of its own, that the server must answer or close by itself.
  @Test func `in ten thousand malformed ways stops nothing, and learns nothing`() throws {
    let secret = "what nobody may read"
    try folder.write(secret, to: "secret.txt")
    let runs = try ServedRuns.make(in: folder)
    let served = try Served([runs])
    var maker = MalformedRequests(
      SeededGenerator(11), port: served.port, token: served.token, run: try served.id("a"))
    var statuses: [Int: Int] = [:]
    let clock = ContinuousClock()
    let took = try clock.measure {
      for number in 0..<10_000 {
        let (bytes, expected) = maker.next()
        let connection = try Connection(port: served.port, patience: 10)
        connection.write(bytes)
        connection.finish()
        let answer = String(decoding: connection.readAll(), as: UTF8.self)
        let status = answer.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        statuses[status, default: 0] += 1
        guard expected.contains(status), answer.isEmpty || answer.hasPrefix("HTTP/1.1 "),
          !answer.contains(secret), !answer.contains("root:")
        else {
          Issue.record(
            "request \(number) of seed 11 got \(status): \(String(decoding: bytes, as: UTF8.self))"
          )
          return
        }
        guard number % 500 == 0 else { continue }
        #expect(try served.get("/api/runs").json["total"] as? Int == 3, "after \(number)")
      }
    }
    print("10,000 malformed requests: \(took), \(statuses.sorted { $0.key < $1.key })")
    #expect(served.isRunning)
    // Of every kind: none was answered for another's reason.
    for status in [200, 400, 401, 403, 404, 405, 413, 415, 421] {
      #expect(statuses[status, default: 0] > 0, "none got \(status)")
    }
    #expect(!FileManager.default.fileExists(atPath: "\(runs)/a/notes.json"))
    #expect(served.memory < 600 << 20, "\(served.memory >> 20) MiB")
  }
}

/// Requests as nobody should send them, with the statuses that they may get; 0: the connection is closed.
private struct MalformedRequests {
  var generator: SeededGenerator
  let port: UInt16
  let token: String
  let run: String

  init(_ generator: SeededGenerator, port: UInt16, token: String, run: String) {
    (self.generator, self.port, self.token, self.run) = (generator, port, token, run)
  }

  private mutating func pick(_ list: [String]) -> String {
    list[Int.random(in: list.indices, using: &generator)]
  }

  private mutating func noise(_ most: Int) -> [UInt8] {
    (0..<Int.random(in: 0...most, using: &generator)).map { _ in
      UInt8.random(in: 0...255, using: &generator)
    }
  }

  private func head(
    _ method: String, _ path: String, host: String? = nil, origin: String? = nil,
    cookie: String? = nil, type: String = "application/json", more: [String] = []
  ) -> String {
    let lines = [
      "\(method) \(path) HTTP/1.1", "Host: \(host ?? "127.0.0.1:\(port)")",
      "Cookie: \(cookie ?? "expt-\(port)=\(token)")",
      "Origin: \(origin ?? "http://127.0.0.1:\(port)")", "Content-Type: \(type)",
    ]
    return (lines + more).joined(separator: "\r\n") + "\r\n\r\n"
  }

  mutating func next() -> (bytes: [UInt8], expected: Set<Int>) {
    switch Int.random(in: 0..<8, using: &generator) {
    case 0: (noise(300), [0, 400, 421])
    case 1: (line(), [0, 400, 413, 431])
    case 2: (Array(head("GET", traversal()).utf8), [400, 404])
    case 3: foreign()
    case 4: webSocket()
    case 5: (Array(query().utf8), [200, 400, 404, 405, 409])
    default: post()
    }
  }

  /// A head that is none.
  private mutating func line() -> [UInt8] {
    let good = head("GET", "/api/runs")
    let broken = pick([
      good.replacing("HTTP/1.1", with: "HTTP/9"), good.replacing("GET ", with: "GET"),
      good.replacing("\r\n", with: "\n"), good.replacing("Host", with: "Ho st"),
      good.replacing("Host: ", with: ": "), good.replacing("/api", with: "/\u{202E}api"),
      good.replacing("Cookie", with: "Host"), "X: 1\r\n" + good,
      head("GET", "/", more: ["X"]), head("GET", "/", more: ["X: \u{7F}"]),
      head("GET", "/", more: [" folded: 1"]), head("GET", "/?a=%zz"), head("GET", "/?a=%FF"),
      head("GET", "*"), head("GET", "http://127.0.0.1:\(port)/"), head("GET", ""),
      head("POST", "/api/notes", more: ["Transfer-Encoding: chunked"]),
      head("POST", "/api/notes", more: ["Content-Length: \(pick(["-1", "9e9", "", "x", "+1"]))"]),
      head("POST", "/api/notes", more: ["Content-Length: 99999999"]),
      head("POST", "/api/notes", more: ["Content-Length: 5", "Content-Length: 6"]),
      head("GET", "/", more: ["X: " + String(repeating: "a", count: 17_000)]),
      head("GET", "/", more: (0..<100).map { "X\($0): 1" }),
    ])
    return Array(broken.utf8)
  }

  private mutating func traversal() -> String {
    let step = pick([
      "../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..\\", "..%5c", "%252e%252e%252f", "..%c0%af",
    ])
    let file = pick([
      "secret.txt", "etc/passwd", "runs/a/run.json", "a/images/samples-epoch-0001.png",
    ])
    let way = String(repeating: step, count: Int.random(in: 1...9, using: &generator)) + file
    return pick([
      "/" + way, "/page/" + way, "/page/main.js/" + way, "//" + file, "/page//" + file,
      "/api/" + way, "/api/model/" + way, "/file:///" + file, "/page/main.js%00" + way,
      "/api/run?run=" + way, "/api/picture?run=\(run)&kind=\(way)&epoch=1",
      "/api/picture?run=\(way)&kind=samples&epoch=1",
      "/api/model/open?run=\(run)&checkpoint=" + way,
      "/api/model/sample?run=\(run)&sampler=" + way, "/api/curves?runs=" + way,
    ])
  }

  /// Another page's, or somebody's without the token.
  private mutating func foreign() -> (bytes: [UInt8], expected: Set<Int>) {
    let path = pick(["/", "/api/runs", "/page/main.js", "/api/run?run=\(run)"])
    let (text, status): (String, Int)
    switch Int.random(in: 0..<6, using: &generator) {
    case 0:
      let host = pick([
        "evil.example:\(port)", "127.0.0.1", "127.0.0.1:1", "",
        "127.0.0.1:\(port).evil.example", "evil@127.0.0.1:\(port)",
        "[::ffff:127.0.0.1]:\(port)", "0x7f000001:\(port)", "10.0.0.1:\(port)",
      ])
      (text, status) = (head("GET", path, host: host), 421)
    case 1:
      let origin = pick([
        "http://evil.example", "null", "https://127.0.0.1:\(port)", "file://",
      ])
      (text, status) = (head(pick(["GET", "POST"]), path, origin: origin), 403)
    case 2:
      (text, status) = (head("GET", "/api/runs", more: ["Sec-Fetch-Site: cross-site"]), 403)
    case 3:
      let cookie = pick([
        "", "expt-\(port)=", "expt-\(port)=\(token)x", "expt-1=\(token)", token,
      ])
      (text, status) = (head("GET", path, cookie: cookie), 401)
    case 4:
      let method = pick(["PUT", "DELETE", "OPTIONS", "TRACE", "get", "G"])
      (text, status) = (head(method, path), 405)
    default:
      let type = pick(["text/plain", "multipart/form-data", ""])
      (text, status) = (head("POST", "/api/notes", type: type), 415)
    }
    return (Array(text.utf8), [status])
  }

  /// The page has no WebSocket: an upgrade is a GET like any other, and frames behind it are no requests.
  private mutating func webSocket() -> (bytes: [UInt8], expected: Set<Int>) {
    let key = Data(noise(16)).base64EncodedString()
    let upgrade = head(
      "GET", pick(["/api/events/", "/ws", "/socket", "/api/model/open?run=\(run)&checkpoint=x"]),
      more: [
        "Upgrade: websocket", "Connection: \(pick(["Upgrade", "close", "keep-alive, Upgrade"]))",
        "Sec-WebSocket-Version: \(pick(["13", "8", "x"]))", "Sec-WebSocket-Key: \(key)",
      ])
    // Opcodes and flags as they come, lengths that lie, masks or none.
    let lengths: [[UInt8]] = [
      [5], [126, 0, 200], [127, 255, 255, 255, 255, 255, 255, 255, 255], [0xFF],
    ]
    var frames: [UInt8] = []
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      frames.append(UInt8.random(in: 0...255, using: &generator))
      frames += lengths[Int.random(in: lengths.indices, using: &generator)] + noise(40)
    }
    return (Array(upgrade.utf8) + frames, [400, 404])
  }

  /// A good head that asks for what cannot be.
  private mutating func query() -> String {
    let number = pick([
      "-1", "1e400", "nan", "-inf", "99999999999999999999", "0x10", "%00", "", "1.5", "%C3%A9",
    ])
    return head(
      "GET",
      pick([
        "/api/runs?where=\(String(repeating: "(", count: 300))", "/api/runs?where=%00",
        "/api/runs?start=\(number)&count=\(number)", "/api/ids?where=\(number)&sort=\(number)",
        "/api/curves?runs=\(run)&smooth=\(number)&from=\(number)&to=\(number)",
        "/api/curves?runs=\(run)&metric=\(number)", "/api/sweep?metric=\(number)",
        "/api/picture?run=\(run)&kind=samples&epoch=\(number)",
        "/api/model/plane?run=\(run)&view=dims&a=\(number)&b=\(number)",
        "/api/model/sample?run=\(run)&count=2&seed=\(number)&temperature=\(number)",
        "/api/model/traverse?run=\(run)&image=\(number)&range=\(number)&steps=\(number)&rows=1",
        "/api/model/example?run=\(run)&index=\(number)",
        "/api/model/encoding?run=\(run)&index=\(number)",
        "/api/model/neighbour?run=\(run)&index=\(number)", "/api/model/decode?run=\(run)",
      ]))
  }

  private mutating func post() -> (bytes: [UInt8], expected: Set<Int>) {
    let body = pick([
      "", "{", "[]", "null", "{\"run\":1}", "\u{FEFF}{}", String(repeating: "[", count: 5000),
      "{\"run\":\"\(run)\",\"latents\":[1e999],\"tags\":[1]}",
      "{\"run\":\"\(run)\",\"tags\":[{}],\"note\":7}",
      "{\"run\":\"\(run)\",\"tags\":[\"../x\"]}",
      "{\"run\":\"\(run)\",\"latents\":[0,0],\"tags\":[1]}",
      "{\"run\":\"\(run)\",\"pixels\":[-1,256,\"x\"],\"tags\":[null]}", "{\"run\":\"../a\"}",
      "{\"run\":\"\(run)\",\"latents\":[0,0,0,0],\"columns\":-3,\"size\":1,\"tags\":[1]}",
    ])
    let path = pick([
      "/api/notes", "/api/model/decode", "/api/model/encode", "/api/model/interpolate",
      "/api/model/background", "/api/runs", "/", "/api/model/",
    ])
    let length =
      Bool.random(using: &generator)
      ? body.utf8.count : Int.random(in: 0...(body.utf8.count + 9), using: &generator)
    let text = head("POST", path, more: ["Content-Length: \(length)"]) + body
    return (Array(text.utf8) + (Bool.random(using: &generator) ? noise(60) : []), [0, 400, 404])
  }
}
