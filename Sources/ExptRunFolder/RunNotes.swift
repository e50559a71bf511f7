public import ExptFiles

/// What people wrote about a run, in its folder's `notes.json`: no part of what training wrote, and the
/// only file that the live page writes.
public struct RunNotes: Sendable, Hashable {
  /// Words to find the run by, in the order they were given, each once.
  public var tags: [String]
  /// Free text; empty for none.
  public var note: String
  /// Whether it stands above other runs.
  public var isPinned: Bool
  /// Whether lists leave it out unless asked.
  public var isArchived: Bool

  public init(
    tags: [String] = [], note: String = "", isPinned: Bool = false, isArchived: Bool = false
  ) {
    self.tags = tags
    self.note = note
    self.isPinned = isPinned
    self.isArchived = isArchived
  }

  public static let mostTags = 32
  public static let longestTag = 40
  /// In bytes of UTF-8.
  public static let longestNote = 16_384

  /// What is wrong with a tag, as the end of a sentence; nil: nothing. A tag is a word, so that conditions
  /// and shells take it without quotes.
  public static func problem(withTag tag: String) -> String? {
    if tag.isEmpty { return "is empty" }
    if tag.utf8.count > longestTag { return "is longer than \(longestTag) bytes" }
    let isWord = tag.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0.properties.numericType != nil
        || "-_.".unicodeScalars.contains($0)
    }
    guard isWord, tag.first != "-" else {
      return "may have letters, digits, '_', '.' and '-' only, and must not begin with '-'"
    }
    return nil
  }
}

extension RunFolder {
  /// What people wrote about the run: see `RunNotes`.
  public var notesFile: String { file("notes.json") }

  /// Nothing where nobody wrote any.
  ///
  /// - Throws: `malformed`, `unreadable`, `tooLarge`.
  public func readNotes() throws(FileProblem) -> RunNotes {
    let json: JSONValue
    do { json = try JSONValue.read(notesFile, limit: 1 << 18) } catch {
      if error.code == .missing { return RunNotes() }
      throw error
    }
    guard json.object != nil else {
      throw FileProblem(.malformed, "this is not a JSON object with notes.", path: notesFile)
    }
    let tags = json["tags"]?.array?.compactMap(\.string) ?? []
    return RunNotes(
      tags: Array(tags.filter { RunNotes.problem(withTag: $0) == nil }.prefix(RunNotes.mostTags)),
      note: json["note"]?.string ?? "", isPinned: json["pinned"]?.bool ?? false,
      isArchived: json["archived"]?.bool ?? false)
  }

  /// Writes them whole; where there is nothing to say, removes the file.
  public func write(_ notes: RunNotes) throws(FileProblem) {
    guard notes != RunNotes() else { return try FilePath.remove(notesFile) }
    let json: JSONValue = [
      "tags": .array(notes.tags.map { .string($0) }), "note": .string(notes.note),
      "pinned": .bool(notes.isPinned), "archived": .bool(notes.isArchived),
    ]
    try AtomicFile.write(json.pretty, to: notesFile)
  }
}
