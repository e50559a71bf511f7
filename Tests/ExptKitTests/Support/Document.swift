import ExptTestSupport
import Foundation
import Testing

/// A page for users, and what it says to type.
struct Document: CustomTestStringConvertible, Sendable {
  /// `docs/runs.md`.
  var path: String
  var text: String
  var testDescription: String { path }

  /// `README.md` and `docs/`.
  static let all: [Document] = {
    let pages =
      (try? FileManager.default.contentsOfDirectory(atPath: packageFolder + "/docs")) ?? []
    return (["README.md"] + pages.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }).map
    {
      let text = try? String(contentsOfFile: "\(packageFolder)/\($0)", encoding: .utf8)
      return Document(path: $0, text: text ?? "")
    }
  }()

  /// The lines of indented blocks, and of blocks fenced as `sh` or `console`.
  var commands: [String] {
    var found: [String] = []
    var fence: Substring?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        fence = fence == nil ? line.dropFirst(3) : nil
      } else if let fence {
        if fence == "sh" || fence == "console" { found.append(String(line)) }
      } else if line.hasPrefix("    ") {
        found.append(String(line.dropFirst(4)))
      }
    }
    return found
  }

  /// What stands in backticks within sentences and begins with `expt`, without its values.
  var mentions: [[String]] {
    let prose = text.split(separator: "\n").filter { !$0.hasPrefix("    ") }.joined(separator: " ")
    return prose.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { $0.element.split(separator: " ").map(String.init) }
      .filter { $0.first == "expt" && $0.count > 1 }
  }
}
