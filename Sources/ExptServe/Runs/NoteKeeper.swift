import ExptFiles
import ExptRunFolder

/// Writes what people say about runs: the only thing that the page changes.
struct NoteKeeper: Sendable {
  let library: RunLibrary

  /// Takes over the parts that are given: `tags`, `note`, `pinned`, `archived`.
  ///
  /// - Returns: The run's id.
  func write(_ parameters: Parameters) throws(Refusal) -> String {
    let entry = try library.entry(parameters.required("run"))
    let folder = entry.record.folder
    let before: RunNotes
    do { before = try folder.readNotes() } catch { throw Refusal(409, error.description) }
    let after = try before.taking(parameters)
    do { try folder.write(after) } catch { throw Refusal(500, error.description) }
    library.reread(entry.id)
    return entry.id
  }
}

extension RunNotes {
  fileprivate func taking(_ parameters: Parameters) throws(Refusal) -> RunNotes {
    var notes = self
    if let tags = parameters.array("tags") {
      guard tags.count <= Self.mostTags else { throw .bad("more than \(Self.mostTags) tags") }
      notes.tags = []
      for tag in tags {
        let tag = tag.string ?? ""
        if let problem = Self.problem(withTag: tag) { throw .bad("the tag '\(tag)' \(problem)") }
        if !notes.tags.contains(tag) { notes.tags.append(tag) }
      }
    }
    if parameters.has("note") {
      notes.note = try parameters.text("note", longest: Self.longestNote) ?? ""
    }
    if parameters.has("pinned") { notes.isPinned = parameters.flag("pinned") }
    if parameters.has("archived") { notes.isArchived = parameters.flag("archived") }
    return notes
  }
}
