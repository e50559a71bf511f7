public import ExptComponents
import ExptRunFolder
import FlyingFox
import FlyingSocks
import Foundation

/// The live page: a server on this machine for a browser on this machine.
///
///     let server = try PageServer(settings)
///     print(server.address)
///     try await server.run()
public struct PageServer: Sendable {
  public struct Settings: Sendable {
    /// Folders of runs, or runs.
    public var roots: [String]
    /// The numeric address to listen at.
    public var host: String
    /// 0: any free one.
    public var port: UInt16
    /// The components that experiments may name.
    public var catalog: Catalog
    /// Where data are.
    public var environment: DataEnvironment

    public init(
      roots: [String], host: String = "127.0.0.1", port: UInt16 = 0, catalog: Catalog,
      environment: DataEnvironment
    ) {
      self.roots = roots
      self.host = host
      self.port = port
      self.catalog = catalog
      self.environment = environment
    }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool { host == "127.0.0.1" || host == "::1" }
  }

  /// Why the server cannot listen, in a sentence.
  public struct Problem: Error, Sendable {
    public var message: String
  }

  /// With the token: whoever has it may look.
  public let address: String
  public let port: UInt16
  private let host: String
  private let site: Site
  private let gate: Gate

  /// Finds the runs and takes a port.
  ///
  /// - Throws: `Problem`.
  public init(_ settings: Settings) throws(Problem) {
    port = try Self.freePort(settings)
    host = settings.host
    let token = Gate.makeToken()
    let shown = settings.host == "0.0.0.0" || settings.host == "::" ? "127.0.0.1" : settings.host
    let name = shown.contains(":") ? "[\(shown)]" : shown
    let isWild = shown != settings.host
    gate = Gate(
      hosts: ["localhost", "127.0.0.1", "[::1]", name] + (isWild ? [Machine.current.host] : []),
      port: port, token: token, allowsNumbers: isWild)
    address = "http://\(name):\(port)/?token=\(token)"
    let library = RunLibrary(roots: settings.roots)
    let feed = LiveFeed()
    site = Site(
      library: library, feed: feed, table: RunTable(library),
      explorer: Explorer(
        library: library, catalog: settings.catalog, environment: settings.environment))
  }

  /// How many runs are shown.
  public var runCount: Int { site.library.snapshot.entries.count }

  /// Serves until the task is cancelled.
  public func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await serve() }
      group.addTask { try await RunWatch(library: site.library, feed: site.feed).run() }
      try await group.next()
      group.cancelAll()
    }
  }

  /// Goes on where the system had no more descriptors for new connections: that ends the server, and not
  /// the page.
  private func serve() async throws {
    while true {
      let start = ContinuousClock.now
      let server = try server
      do { try await server.run() } catch {
        try Task.checkCancellation()
        if start.duration(to: .now) < .seconds(1) { throw error }
      }
      try await Task.sleep(for: .milliseconds(200))
    }
  }

  private var server: HTTPServer {
    get throws {
      func configuration(_ address: some SocketAddress) -> HTTPServer.Configuration {
        HTTPServer.Configuration(
          address: address, timeout: 120, sharedRequestReplaySize: Router.largestBody,
          logger: .disabled)
      }
      let configuration =
        try host.contains(":")
        ? configuration(sockaddr_in6.inet6(ip6: host, port: port))
        : configuration(sockaddr_in.inet(ip4: host, port: port))
      return HTTPServer(config: configuration, handler: Router(gate: gate, site: site))
    }
  }

  /// A port that was free a moment ago: the one that was asked for, or any.
  private static func freePort(_ settings: Settings) throws(Problem) -> UInt16 {
    do {
      let isVersion6 = settings.host.contains(":")
      let socket = try Socket(domain: isVersion6 ? AF_INET6 : AF_INET)
      defer { try? socket.close() }
      try socket.setValue(true, for: .localAddressReuse)
      if isVersion6 {
        try socket.bind(to: sockaddr_in6.inet6(ip6: settings.host, port: settings.port))
      } else {
        try socket.bind(to: sockaddr_in.inet(ip4: settings.host, port: settings.port))
      }
      switch try socket.sockname() {
      case .ip4(_, let port), .ip6(_, let port): return port
      case .unix: return settings.port
      }
    } catch {
      throw Problem(
        message:
          "cannot listen at \(settings.host), port \(settings.port): \(error.localizedDescription)")
    }
  }
}
