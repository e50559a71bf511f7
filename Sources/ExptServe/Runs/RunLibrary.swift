import ExptFiles
import ExptReport
import ExptRunFolder
import Synchronization

/// The runs that the page shows: found below the folders it was started with, read when their files
/// change, and known to the page by ids.
///
/// An id is a digest of the run's path: a link to a run stays good, and no path from a request ever
/// reaches the disk.
final class RunLibrary: Sendable {
  struct Entry: Sendable {
    var id: String
    var record: RunRecord
    var stamps: [FileStamp?]
    /// When a file of the run last changed, in seconds since 1970.
    var lastWritten: Int {
      Int((stamps.compactMap { $0?.modified }.max() ?? 0) / 1_000_000_000)
    }
  }

  /// All runs at one moment.
  struct Snapshot: Sendable {
    var entries: [Entry] = []
    /// Grows with every change.
    var version = 0
    /// Run folders that were found and left out, as they lead out of the folders that are shown.
    var leftOut = 0

    subscript(id: String) -> Entry? { entries.first { $0.id == id } }
    var isTraining: Bool { entries.contains { $0.record.state == .running } }
  }

  /// Folders of runs, or runs, as the user named them.
  let roots: [String]
  private let state = Mutex(Snapshot())

  init(roots: [String]) {
    self.roots = roots
    _ = scan()
  }

  var snapshot: Snapshot { state.withLock { $0 } }

  /// - Throws: `Refusal` for an id that stands for none of the runs.
  func entry(_ id: String) throws(Refusal) -> Entry {
    guard let entry = snapshot[id] else { throw .missing("there is no such run (any more)") }
    return entry
  }

  /// In the order of the ids, each once.
  func entries(_ ids: [String]) throws(Refusal) -> [Entry] {
    let snapshot = snapshot
    var seen: Set<String> = []
    var found: [Entry] = []
    for id in ids where seen.insert(id).inserted {
      guard let entry = snapshot[id] else { throw .missing("there is no such run (any more)") }
      found.append(entry)
    }
    return found
  }

  // MARK: Looking again

  /// Looks for new, changed and removed runs.
  ///
  /// - Returns: The ids of those, and of runs whose process died.
  func scan() -> [String] {
    let old = snapshot
    let known = Dictionary(old.entries.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let (folders, leftOut) = folders
    let found = RunIndex.map(folders) { folder in Self.entry(folder, known[Self.id(of: folder)]) }
    return replace(old, with: found, leftOut: leftOut)
  }

  /// The same of the runs that may be training only: the others do not change by themselves.
  func look() -> [String] {
    let old = snapshot
    let entries = old.entries.map { entry in
      [.running, .unknown].contains(entry.record.state)
        ? Self.entry(entry.record.folder, entry) : entry
    }
    return replace(old, with: entries, leftOut: old.leftOut)
  }

  /// Reads a run again at once.
  func reread(_ id: String) {
    let old = snapshot
    let entries = old.entries.map { $0.id == id ? Self.entry($0.record.folder, nil) : $0 }
    _ = replace(old, with: entries, leftOut: old.leftOut, changed: [id])
  }

  private func replace(
    _ old: Snapshot, with entries: [Entry], leftOut: Int, changed: [String] = []
  ) -> [String] {
    let before = Dictionary(
      old.entries.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let now = Set(entries.map(\.id))
    var changed = changed
    for entry in entries {
      let last = before[entry.id]
      if last?.stamps != entry.stamps || last?.record.state != entry.record.state {
        changed.append(entry.id)
      }
    }
    changed += old.entries.map(\.id).filter { !now.contains($0) }
    if changed.isEmpty { return [] }
    state.withLock { state in
      state = Snapshot(entries: entries, version: state.version + 1, leftOut: leftOut)
    }
    return changed
  }

  /// What is known of a run, read again if its files changed. A run that claims to be training is read
  /// anyway where its process may have died.
  private static func entry(_ folder: RunFolder, _ known: Entry?) -> Entry {
    let stamps = [
      folder.manifestFile, folder.metricsFile, folder.notesFile, folder.resolvedFile,
      folder.evaluationsFile, folder.progressFile,
    ].map { FileStamp($0) }
    if let known, known.stamps == stamps {
      guard known.record.state == .running, let manifest = known.record.manifest,
        folder.life(manifest) != .running
      else { return known }
    }
    return Entry(id: id(of: folder), record: RunRecord(folder), stamps: stamps)
  }

  private static func id(of folder: RunFolder) -> String {
    XXH64.hex(of: Array(FilePath.absolute(folder.path).utf8))
  }

  /// The run folders below the roots, and how many more lead out of them.
  private var folders: (inside: [RunFolder], leftOut: Int) {
    var inside: [RunFolder] = []
    var (seen, leftOut) = (Set<String>(), 0)
    for root in roots {
      guard let place = FilePath.resolved(root), let found = try? RunIndex.find([root]) else {
        continue
      }
      for folder in found {
        guard let path = FilePath.resolved(folder.path),
          path == place || path.hasPrefix(place == "/" ? "/" : place + "/")
        else {
          leftOut += 1
          continue
        }
        if seen.insert(path).inserted { inside.append(folder) }
      }
    }
    return (inside, leftOut)
  }
}

extension RunFolder {
  /// A file that is in the folder itself, and not elsewhere through a link; nil otherwise.
  func ownFile(_ path: String) -> String? {
    guard let place = FilePath.resolved(self.path), let file = FilePath.resolved(path),
      file.hasPrefix(place + "/")
    else { return nil }
    return file
  }
}
