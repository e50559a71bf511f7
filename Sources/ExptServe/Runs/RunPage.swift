import ExptFiles
import ExptReport
import ExptRunFolder

/// All about one run, as the page shows it.
struct RunPage: Sendable {
  let entry: RunLibrary.Entry

  var json: JSONValue {
    let run = entry.record
    let manifest = run.manifest
    let settings = run.settings.all.map { setting -> JSONValue in
      [
        "key": .string(setting.key), "value": .string("\(setting.value)"),
        "origin": setting.origin.map { .string($0) } ?? .null,
      ]
    }
    return [
      "id": .string(entry.id),
      "path": .string(run.path),
      "name": .string(run.name),
      "state": .string(run.state.rawValue),
      "problem": run.problem.map { .string($0) } ?? .null,
      "failure": manifest?.failure.map { .string($0) } ?? .null,
      "seed": run.seed.map { .string("\($0)") } ?? .null,
      "model": .string(manifest?.model ?? ""),
      "likelihood": .string(manifest?.likelihood ?? ""),
      "dataset": .string(manifest?.dataset.name ?? ""),
      "substituted_for": run.substitutedFor.map { .string($0) } ?? .null,
      "parameters": manifest.map { .string(Words.grouped($0.parameterCount)) } ?? .null,
      "time": manifest.map { .string(Words.duration($0.secondsTrained)) } ?? .null,
      "created": manifest.map { .string($0.created.iso8601) } ?? .null,
      "host": .string(manifest?.machine.host ?? ""),
      "diagnosis": .array((manifest?.diagnosis ?? []).map { .string($0) }),
      "tags": .array(run.notes.tags.map { .string($0) }),
      "note": .string(run.notes.note),
      "pinned": .bool(run.notes.isPinned),
      "archived": .bool(run.notes.isArchived),
      "settings": .array(settings),
      "pictures": PictureShelf(run.folder).json,
      "checkpoints": .array(Self.checkpoints(run.folder).map { .string($0) }),
    ]
  }

  /// `best`, `last`, `10`, …: those that are there.
  static func checkpoints(_ folder: RunFolder) -> [String] {
    let store = folder.checkpoints
    let named = [CheckpointStore.Name.best, .last].filter {
      FilePath.exists(store.weightsFile($0)) || FilePath.exists(store.stateFile($0))
    }
    return named.map(\.description) + store.epochs.map { "\($0)" }
  }
}
