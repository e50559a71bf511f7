import ExptFiles
import ExptRunFolder

/// Stops a run that another process has resumed.
///
/// The folder's lock keeps two processes apart, unless a machine is cut off from the file server: its
/// run is taken for dead, resumed elsewhere, and lives on. Back again, it must not write between the
/// other's lines. Asked first, before anything of an epoch is written.
final class OwnershipObserver: TrainingObserver {
  let activity = Profile.Activity.records
  private let folder: RunFolder
  /// As the run began: a machine may change its name meanwhile.
  private let own = ProcessRecord.current

  init(_ folder: RunFolder) { self.folder = folder }

  func observe(_ event: TrainingEvent, of trainer: Trainer) throws {
    switch event {
    case .started, .batchEnded: return
    case .epochEnded, .interrupted, .finished: break
    }
    guard let owner = try? folder.readManifest().process, owner != own else { return }
    throw RunTaken(path: folder.path, owner: owner)
  }
}

/// Another process trains in this process's run folder.
public struct RunTaken: Error, CustomStringConvertible {
  var path: String
  var owner: ProcessRecord

  public var description: String {
    "\(path): this run was resumed by another process (\(owner.id) on \(owner.host)), which continues "
      + "it; this one stops, and has written nothing since"
  }
}
