// The one file of this module that calls sockets of the system.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A socket's descriptor, closed with the object.
final class SocketDescriptor: Sendable {
  let number: Int32
  init(_ number: Int32) { self.number = number }
  deinit { _ = close(number) }
}

/// Waits for connections at an address.
final class Listener: Sendable {
  private let descriptor: SocketDescriptor
  let port: UInt16

  /// Why an address cannot be listened at, as a sentence's end.
  struct Problem: Error { var reason: String }

  /// - Parameters:
  ///   - host: A numeric address, of either version.
  ///   - port: 0: any that is free.
  init(host: String, port: UInt16) throws(Problem) {
    var wish = addrinfo()
    wish.ai_flags = AI_NUMERICHOST | AI_PASSIVE | AI_NUMERICSERV
    #if canImport(Glibc)
      wish.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      wish.ai_socktype = SOCK_STREAM
    #endif
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, "\(port)", &wish, &found) == 0, let place = found?.pointee else {
      throw Problem(reason: "it is not a numeric address of this machine")
    }
    defer { freeaddrinfo(found) }
    let number = socket(place.ai_family, place.ai_socktype, 0)
    guard number >= 0 else { throw Problem(reason: Self.reason) }
    descriptor = SocketDescriptor(number)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    var yes: Int32 = 1
    setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard bind(number, place.ai_addr, place.ai_addrlen) == 0, listen(number, 128) == 0 else {
      throw Problem(reason: Self.reason)
    }
    self.port = Self.port(of: number) ?? port
  }

  private static var reason: String { String(cString: strerror(errno)) }

  private static func port(of number: Int32) -> UInt16? {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutableBytes(of: &storage) { bytes -> UInt16? in
      guard let base = bytes.baseAddress else { return nil }
      let address = base.assumingMemoryBound(to: sockaddr.self)
      guard getsockname(number, address, &size) == 0 else { return nil }
      // The port is at the same place in both versions, high byte first.
      return UInt16(bytes[2]) << 8 | UInt16(bytes[3])
    }
  }

  /// The next connection; nil if none comes within the time, or the system has no more descriptors.
  func accept(milliseconds: Int32) -> Connection? {
    var place = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
    guard poll(&place, 1, milliseconds) > 0 else { return nil }
    #if canImport(Glibc)
      let number = Glibc.accept(descriptor.number, nil, nil)
    #elseif canImport(Musl)
      let number = Musl.accept(descriptor.number, nil, nil)
    #else
      let number = Darwin.accept(descriptor.number, nil, nil)
    #endif
    guard number >= 0 else {
      // Without a pause, a lack of descriptors would be asked for again and again.
      usleep(20_000)
      return nil
    }
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    var yes: Int32 = 1
    // Pictures are small, and somebody is dragging.
    setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    return Connection(SocketDescriptor(number))
  }
}

/// One connection, used by one thread.
final class Connection: Sendable {
  private let descriptor: SocketDescriptor

  init(_ descriptor: SocketDescriptor) { self.descriptor = descriptor }

  /// Up to `count` bytes that have come; nil at the end, and if none come within the time.
  func read(upTo count: Int, milliseconds: Int32) -> [UInt8]? {
    guard wait(for: POLLIN, milliseconds) else { return nil }
    var buffer = [UInt8](repeating: 0, count: count)
    let got = buffer.withUnsafeMutableBytes { recv(descriptor.number, $0.baseAddress, $0.count, 0) }
    return got > 0 ? Array(buffer[..<got]) : nil
  }

  /// - Returns: False if the other side does not take them all within ten seconds each.
  func write(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard wait(for: POLLOUT, 10_000) else { return false }
      let count = rest.withUnsafeBytes {
        send(descriptor.number, $0.baseAddress, $0.count, Self.quietly)
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Says that nothing more is sent, and reads a little on: an answer that is on its way would be lost if
  /// there were bytes left to read.
  func finish() {
    shutdown(descriptor.number, Int32(SHUT_WR))
    // Neither much nor for long: who sends a byte now and then would keep the thread.
    let start = ContinuousClock.now
    var left = 8 << 20
    while left > 0, start.duration(to: .now) < .seconds(5),
      let piece = read(upTo: 1 << 16, milliseconds: 500)
    {
      left -= piece.count
    }
  }

  private func wait(for event: Int32, _ milliseconds: Int32) -> Bool {
    var place = pollfd(fd: descriptor.number, events: Int16(event), revents: 0)
    return poll(&place, 1, milliseconds) > 0
  }

  #if canImport(Darwin)
    private static let quietly: Int32 = 0
  #else
    /// A connection that is gone is no signal to end.
    private static let quietly = Int32(MSG_NOSIGNAL)
  #endif
}
