import ExptFiles
import protocol FlyingFox.HTTPHandler
import struct FlyingFox.HTTPRequest
import struct FlyingFox.HTTPResponse
import Foundation
import Synchronization

/// From a request to its answer. Every route is here; there is no other way in.
struct Router: HTTPHandler {
  let gate: Gate
  let site: Site
  private let load = Load()

  init(gate: Gate, site: Site) {
    self.gate = gate
    self.site = site
  }

  /// Of a POST, in bytes: a colour image of 512 × 512 as numbers in JSON.
  static let largestBody = 4 << 20

  func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard load.enter() else {
      return Answer.refused(.busy("too many requests at once: try again")).response
    }
    defer { load.leave() }
    do throws(Refusal) {
      return try await answer(request).response
    } catch {
      // What is not read would be taken for the next request.
      for try await _ in request.bodySequence {}
      return Answer.refused(error).response
    }
  }

  private func answer(_ request: HTTPRequest) async throws(Refusal) -> Answer {
    let query = request.query.map { (name: $0.name, value: $0.value) }
    switch gate.look(at: request, query: query) {
    case .refused(let refusal): throw refusal
    case .welcomed:
      var answer = PageFiles.start
      answer.headers.append((name: "Set-Cookie", value: gate.cookie))
      return answer
    case .allowed: break
    }
    if request.method == .POST {
      let parameters = Parameters(try await Self.object(request))
      return try await site.change(request.path, parameters)
    }
    return try await site.get(request.path, Parameters(query: query))
  }

  /// The JSON object of a POST.
  private static func object(_ request: HTTPRequest) async throws(Refusal) -> JSONObject {
    var bytes: [UInt8] = []
    var isTooLarge = false
    do {
      for try await piece in request.bodySequence where !isTooLarge {
        bytes += piece
        isTooLarge = bytes.count > largestBody
      }
    } catch {
      throw .bad("the request was cut short")
    }
    if isTooLarge { throw Refusal(413, "more than \(largestBody) bytes") }
    guard let value = try? JSONValue.parse(bytes, path: "request"), let object = value.object else {
      throw .bad("the request is not a JSON object")
    }
    return object
  }
}

/// How many requests are being answered.
private final class Load: Sendable {
  private static let most = 64
  private let count = Atomic(0)

  func enter() -> Bool {
    if count.add(1, ordering: .relaxed).newValue <= Self.most { return true }
    leave()
    return false
  }

  func leave() { count.subtract(1, ordering: .relaxed) }
}
