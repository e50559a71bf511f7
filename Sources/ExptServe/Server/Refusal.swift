/// Why a request is not answered as asked: a status and a sentence for the person who sees it.
struct Refusal: Error, Sendable, Hashable {
  var status: Int
  var message: String

  init(_ status: Int, _ message: String) {
    self.status = status
    self.message = message
  }

  static func bad(_ message: String) -> Refusal { Refusal(400, message) }
  static func missing(_ message: String) -> Refusal { Refusal(404, message) }
  static func busy(_ message: String) -> Refusal { Refusal(503, message) }
}
