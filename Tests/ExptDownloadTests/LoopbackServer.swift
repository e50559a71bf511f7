import Foundation

/// A tiny HTTP server on a free port of the loopback interface, for one test.
///
/// `@unchecked Sendable`: `log` is guarded by `lock`, the rest never changes.
final class LoopbackServer: @unchecked Sendable {
  enum Answer: Sendable {
    case file([UInt8])
    /// Promises all the bytes, sends some, and closes.
    case truncated([UInt8], sent: Int)
    /// Promises all the bytes, sends some, and then nothing until the client gives up.
    case stalled([UInt8], sent: Int)
    /// Promises all the bytes and sends one every twentieth of a second.
    case dripping([UInt8])
    /// Accepts the connection and never says a word.
    case silent
    case status(Int)
    case redirect(to: String)
    /// Promises so many bytes.
    case promised(Int)
    /// Promises nothing and sends bytes until the client gives up.
    case endless
  }

  let port: UInt16
  private let socket: Int32
  private let answers: [String: Answer]
  private let lock = NSLock()
  private var log: [(path: String, time: ContinuousClock.Instant)] = []

  /// - Parameter answers: By path, such as `/good/file.gz`; all other paths are 404.
  init(_ answers: [String: Answer]) throws {
    self.answers = answers
    socket = try Self.listen()
    port = Self.port(of: socket)
    Thread.detachNewThread { [socket, weak self] in
      while true {
        let client = accept(socket, nil, nil)
        if client < 0 {
          close(socket)  // here, so that nobody else gets the number while this thread uses it
          return
        }
        Thread.detachNewThread { [weak self] in
          self?.serve(client)
          close(client)
        }
      }
    }
  }

  deinit {
    shutdown(socket, Int32(SHUT_RDWR))
  }

  /// `http://127.0.0.1:1234/path`.
  func url(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }

  /// The paths that were asked for, in order.
  var requests: [String] { lock.withLock { log.map(\.path) } }

  /// When the first of them came.
  var firstRequest: ContinuousClock.Instant? { lock.withLock { log.first?.time } }

  /// A port at which nobody listens.
  static func deadPort() throws -> UInt16 {
    let socket = try listen()
    defer { close(socket) }
    return port(of: socket)
  }

  private static func listen() throws -> Int32 {
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    #if canImport(Glibc)
      let socket = Glibc.socket(AF_INET, stream, 0)
    #elseif canImport(Musl)
      let socket = Musl.socket(AF_INET, stream, 0)
    #else
      let socket = Darwin.socket(AF_INET, stream, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) }
    }
    #if canImport(Glibc)
      let listening = Glibc.listen(socket, 16)
    #elseif canImport(Musl)
      let listening = Musl.listen(socket, 16)
    #else
      let listening = Darwin.listen(socket, 16)
    #endif
    guard socket >= 0, bound == 0, listening == 0 else {
      throw POSIXError(.EADDRNOTAVAIL)
    }
    return socket
  }

  private static func port(of socket: Int32) -> UInt16 {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
    }
    return UInt16(bigEndian: address.sin_port)
  }

  private func serve(_ client: Int32) {
    guard let path = readPath(client) else { return }
    lock.withLock { log.append((path, .now)) }
    switch answers[path] ?? .status(404) {
    case .file(let bytes):
      send(head(200, length: bytes.count) + bytes, to: client)
    case .truncated(let bytes, let sent):
      send(head(200, length: bytes.count) + bytes.prefix(sent), to: client)
    case .stalled(let bytes, let sent):
      send(head(200, length: bytes.count) + bytes.prefix(sent), to: client)
      waitForClose(client)
    case .dripping(let bytes):
      send(head(200, length: bytes.count), to: client)
      for byte in bytes {
        guard send([byte], to: client) else { return }
        Thread.sleep(forTimeInterval: 0.05)
      }
    case .silent:
      waitForClose(client)
    case .status(let status):
      send(head(status, length: 0), to: client)
    case .redirect(let target):
      send(head(302, length: 0, more: "Location: \(target)\r\n"), to: client)
    case .promised(let length):
      send(head(200, length: length) + [UInt8](repeating: 7, count: 1000), to: client)
    case .endless:
      send(head(200, length: nil), to: client)
      while send([UInt8](repeating: 7, count: 10_000), to: client) {}
    }
  }

  private func head(_ status: Int, length: Int?, more: String = "") -> [UInt8] {
    let size = length.map { "Content-Length: \($0)\r\n" } ?? ""
    return Array("HTTP/1.1 \(status) Text\r\nConnection: close\r\n\(more)\(size)\r\n".utf8)
  }

  /// The path of the request's first line, once its head has been read.
  private func readPath(_ client: Int32) -> String? {
    var head: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: head, as: UTF8.self).contains("\r\n\r\n") {
      let count = recv(client, &buffer, buffer.count, 0)
      if count <= 0 { return nil }
      head += buffer[..<count]
    }
    let words = String(decoding: head, as: UTF8.self).split(separator: " ")
    return words.count > 1 ? String(words[1]) : nil
  }

  @discardableResult
  private func send(_ bytes: [UInt8], to client: Int32) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { part in
        #if canImport(Glibc)
          Glibc.send(client, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
        #elseif canImport(Musl)
          Musl.send(client, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
        #else
          Darwin.send(client, part.baseAddress, part.count, 0)
        #endif
      }
      if count <= 0 { return false }
      done += count
    }
    return true
  }

  private func waitForClose(_ client: Int32) {
    var byte: UInt8 = 0
    while recv(client, &byte, 1, 0) > 0 {}
  }
}
