import ExptTestSupport
import Foundation
import Testing

/// `expt serve` while a test looks at it, and a client that sends any bytes.
final class Served {
  let address: String
  let port: UInt16
  let token: String
  private let running: Program.Running

  /// Starts the page for some runs and waits for its address.
  init(_ arguments: [String], environment: [String: String] = [:]) throws {
    running = try Program.start(
      ["serve", "--no-browser"] + arguments, environment: environment)
    var found: String?
    for _ in 0..<600 {
      found = running.outputSoFar.split(separator: "\n").map(String.init).first {
        $0.hasPrefix("http://")
      }
      if found != nil || !running.process.isRunning { break }
      Thread.sleep(forTimeInterval: 0.05)
    }
    address = try #require(found, "\(running.messagesSoFar)")
    let parts = try #require(URLComponents(string: address))
    port = UInt16(try #require(parts.port))
    token = try #require(parts.queryItems?.first { $0.name == "token" }?.value)
  }

  deinit { stop() }

  var isRunning: Bool { running.process.isRunning }
  var identifier: Int32 { running.process.processIdentifier }

  func stop() {
    guard running.process.isRunning else { return }
    running.process.terminate()
    running.process.waitUntilExit()
  }

  /// In bytes, as Linux counts them; 0 elsewhere.
  var memory: Int {
    let text = try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return (line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) * 1024
  }

  // MARK: Requests

  struct Answer {
    var status: Int
    var head: String
    var body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
    var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
    }
  }

  /// With the cookie, as the page sends it.
  func get(_ path: String, _ headers: [String: String] = [:]) throws -> Answer {
    try ask("GET", path, headers: own.merging(headers) { $1 })
  }

  func post(
    _ path: String, _ object: [String: Any], _ headers: [String: String] = [:]
  ) throws -> Answer {
    let body = try JSONSerialization.data(withJSONObject: object)
    let all = own.merging([
      "Content-Type": "application/json", "Origin": "http://127.0.0.1:\(port)",
    ]) { $1 }
    return try ask("POST", path, headers: all.merging(headers) { $1 }, body: Array(body))
  }

  private var own: [String: String] { ["Cookie": "expt-\(port)=\(token)"] }

  /// One request on a connection of its own.
  func ask(
    _ method: String, _ path: String, headers: [String: String], body: [UInt8] = []
  ) throws -> Answer {
    let all = ["Host": "127.0.0.1:\(port)", "Connection": "close"].merging(headers) { $1 }
    var text = "\(method) \(path) HTTP/1.1\r\n"
    for (name, value) in all { text += "\(name): \(value)\r\n" }
    if !body.isEmpty { text += "Content-Length: \(body.count)\r\n" }
    let answer = try send(Array((text + "\r\n").utf8) + body)
    let end = answer.firstRange(of: Array("\r\n\r\n".utf8))
    let head = String(decoding: answer[..<(end?.lowerBound ?? answer.endIndex)], as: UTF8.self)
    return Answer(
      status: head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0, head: head,
      body: Array(answer[(end?.upperBound ?? answer.endIndex)...]))
  }

  /// Sends bytes as they are and returns what comes back until the server closes, or says nothing for
  /// `patience` seconds.
  func send(_ bytes: [UInt8], patience: Double = 20) throws -> [UInt8] {
    let connection = try Connection(port: port, patience: patience)
    connection.write(bytes)
    return connection.readAll()
  }
}

/// A connection to this machine.
final class Connection {
  private let descriptor: Int32

  struct Refused: Error {}

  init(port: UInt16, patience: Double = 20) throws {
    #if canImport(Glibc)
      let kind = Int32(SOCK_STREAM.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    descriptor = socket(AF_INET, kind, 0)
    guard descriptor >= 0 else { throw Refused() }
    var time = timeval()
    time.tv_sec = Int(patience)
    time.tv_usec = numericCast(Int((patience - patience.rounded(.down)) * 1e6))
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let done = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard done == 0 else {
      close(descriptor)
      throw Refused()
    }
  }

  deinit { close(descriptor) }

  /// A server that closed the connection is no reason to end the tests.
  #if canImport(Glibc)
    private static let noSignal = Int32(MSG_NOSIGNAL)
  #else
    private static let noSignal: Int32 = 0
  #endif

  func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Foundation.send(descriptor, $0.baseAddress, $0.count, Self.noSignal)
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Says that nothing more is sent.
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Nothing at the end, or when nothing comes.
  func read() -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer[..<count]) : []
  }

  func readAll() -> [UInt8] {
    var all: [UInt8] = []
    while case let piece = read(), !piece.isEmpty { all += piece }
    return all
  }
}
