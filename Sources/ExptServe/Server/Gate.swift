/// Who may ask what: looked at before anything else of a request.
///
/// The server listens on this machine, and yet any page in any browser here can send it requests. So
/// each must name it by an address that was meant (against DNS rebinding), carry the token of the
/// printed address or the cookie that stands for it, and, if it changes or computes something, come
/// from the page itself.
struct Gate: Sendable {
  /// Names and numbers that a request may call this server by, with the port: `localhost:8080`.
  let hosts: Set<String>
  let token: String
  /// Cookies do not know ports: the name tells servers of one machine apart.
  let cookieName: String

  /// Whether any number will do for a name: no other page's name can lead to it.
  private let allowsNumbers: Bool

  init(hosts: [String], port: UInt16, token: String, allowsNumbers: Bool = false) {
    self.allowsNumbers = allowsNumbers
    self.hosts = Set(hosts.map { "\($0.lowercased()):\(port)" })
    self.token = token
    cookieName = "expt-\(port)"
  }

  enum Entrance: Sendable, Equatable {
    case allowed
    /// The token of the address is right: the cookie takes its place.
    case welcomed
    case refused(Refusal)
  }

  func look(at request: HTTPRequest) -> Entrance {
    let host = request.headers["host"]?.lowercased() ?? ""
    guard hosts.contains(host) || (allowsNumbers && Self.isNumber(host)) else {
      return .refused(
        Refusal(
          421, "this server is not called '\(host.prefix(100))': use the address that expt printed")
      )
    }
    guard request.method == "GET" || request.method == "POST" else {
      return .refused(Refusal(405, "only GET and POST are answered"))
    }
    // Browsers send Origin with every POST; another page's is not ours.
    let origin = request.headers["origin"]
    if let origin, origin.lowercased() != "http://\(host)" {
      return .refused(Refusal(403, "requests of other pages are not answered"))
    }
    if let site = request.headers["sec-fetch-site"], request.path.hasPrefix("/api/"),
      site != "same-origin"
    {
      return .refused(Refusal(403, "requests of other pages are not answered"))
    }
    if request.method == "GET", request.path == "/",
      let given = request.query.first(where: { $0.name == "token" })?.value, isToken(given)
    {
      return .welcomed
    }
    guard hasCookie(request) else {
      return .refused(
        Refusal(
          401, "open the address that 'expt serve' printed, with its token: this one has none"))
    }
    // Browsers say it of both, and a WebSocket is not held back by anything else.
    guard origin != nil || (request.method == "GET" && request.path != Router.socketPath) else {
      return .refused(Refusal(403, "a POST and a WebSocket must say their origin"))
    }
    if request.method == "POST" {
      let type = request.headers["content-type"]?.split(separator: ";").first.map(String.init) ?? ""
      guard type == "application/json" else {
        return .refused(Refusal(415, "a POST must be application/json"))
      }
    }
    return .allowed
  }

  var cookie: String { "\(cookieName)=\(token); HttpOnly; SameSite=Strict; Path=/" }

  private func hasCookie(_ request: HTTPRequest) -> Bool {
    (request.headers["cookie"] ?? "").split(separator: ";").contains { part in
      let parts = part.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, parts[0].drop(while: { $0 == " " }) == cookieName else {
        return false
      }
      return isToken(String(parts[1]))
    }
  }

  /// `192.168.0.7:8080` or `[fe80::1]:8080`.
  private static func isNumber(_ host: String) -> Bool {
    host.hasPrefix("[") || host.allSatisfy { $0.isASCII && ($0.isNumber || $0 == "." || $0 == ":") }
  }

  /// Compares in a time that does not depend on where the two differ.
  private func isToken(_ text: String) -> Bool {
    let (a, b) = (Array(text.utf8), Array(token.utf8))
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// 32 random characters: 160 bits of the system's own generator.
  static func makeToken() -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz234567")
    var generator = SystemRandomNumberGenerator()
    return String((0..<32).map { _ in letters[Int(generator.next() >> 59)] })
  }
}
