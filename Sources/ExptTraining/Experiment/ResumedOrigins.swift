import ExptComponents
import ExptDocument

extension ExperimentFile {
  /// `resolved`, for a file that is a run's `resolved.yaml` with overrides: what is read there keeps
  /// the origin that stands beside it.
  var resolvedAgain: String {
    let origins = ResumedOrigins(document)
    return Self.resolved(experiment.plainEntries.map(origins.restored))
  }
}

/// The origins that stand in a `resolved.yaml`, as comments.
private struct ResumedOrigins {
  private let file: String
  private let comments: [String?]

  init(_ document: Document) {
    file = document.file
    comments = document.text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { Self.comment(String(decoding: $0, as: UTF8.self)) }
  }

  func restored(_ entry: PlainEntry) -> PlainEntry {
    var entry = entry
    var isBlock = false
    switch entry.value {
    case .mapping(let entries):
      entry.value = .mapping(entries.map(restored))
      isBlock = !entries.isEmpty
    case .list(let elements):
      entry.value = .list(elements.map(restored))
      isBlock = elements.contains { if case .mapping = $0 { true } else { false } }
    default: break
    }
    guard let remark = entry.remark, remark.hasPrefix(file + ":"),
      let line = Int(remark.dropFirst(file.count + 1))
    else { return entry }
    // A block begins below its key, beside which its origin stands.
    let index = line - (isBlock ? 2 : 1)
    if comments.indices.contains(index), let comment = comments[index] { entry.remark = comment }
    return entry
  }

  private func restored(_ element: PlainValue) -> PlainValue {
    guard case .mapping(let entries) = element else { return element }
    return .mapping(entries.map(restored))
  }

  /// What stands behind the first `#` after a blank that is in no text.
  private static func comment(_ line: String) -> String? {
    var isInText = false
    var isEscaped = false
    var last: Character = " "
    for (index, character) in zip(line.indices, line) {
      switch character {
      case _ where isEscaped: isEscaped = false
      case "\\" where isInText: isEscaped = true
      case "\"": isInText.toggle()
      case "#" where !isInText && last == " ":
        return String(line[line.index(after: index)...].drop { $0 == " " })
      default: break
      }
      last = character
    }
    return nil
  }
}
