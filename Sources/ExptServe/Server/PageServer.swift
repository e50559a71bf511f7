public import ExptComponents
import ExptRunFolder
import Foundation

/// The live page: a server on this machine for a browser on this machine.
///
///     let server = try PageServer(settings)
///     print(server.address)
///     server.run { StopSignal.isRaised }
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
  private let site: Site
  private let server: HTTPServer

  /// Finds the runs and takes a port.
  ///
  /// - Throws: `Problem`.
  public init(_ settings: Settings) throws(Problem) {
    let listener: Listener
    do { listener = try Listener(host: settings.host, port: settings.port) } catch {
      throw Problem(
        message: "cannot listen at \(settings.host), port \(settings.port): \(error.reason)")
    }
    let isWild = settings.host == "0.0.0.0" || settings.host == "::"
    let shown = isWild ? "127.0.0.1" : settings.host
    let name = shown.contains(":") ? "[\(shown)]" : shown
    let gate = Gate(
      hosts: ["localhost", "127.0.0.1", "[::1]", name] + (isWild ? [Machine.current.host] : []),
      port: listener.port, token: Gate.makeToken(), allowsNumbers: isWild)
    address = "http://\(name):\(listener.port)/?token=\(gate.token)"
    let library = RunLibrary(roots: settings.roots)
    site = Site(
      library: library, feed: LiveFeed(), table: RunTable(library),
      explorer: Explorer(
        library: library, catalog: settings.catalog, environment: settings.environment))
    let router = Router(gate: gate, site: site)
    server = HTTPServer(listener, largestBody: Router.largestBody) { router.answer($0) }
  }

  /// How many runs are shown.
  public var runCount: Int { site.library.snapshot.entries.count }

  /// Serves until `isStopped` says so.
  public func run(isStopped: @escaping @Sendable () -> Bool) {
    let watch = RunWatch(library: site.library, feed: site.feed)
    Thread.detachNewThread { [server] in
      watch.run(isStopped: isStopped)
      server.stop()
    }
    server.run()
  }
}
