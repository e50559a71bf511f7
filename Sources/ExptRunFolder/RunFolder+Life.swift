public import ExptFiles

/// Whether anybody is training in a run folder.
public enum RunLife: String, Sendable {
  /// A process trains here now.
  case running
  /// Nobody does: the run ended, and says how.
  case ended
  /// The run says that it is running, and nobody is: it was killed, and can be resumed.
  case died
  /// The run says that it is running, on a machine that cannot be asked.
  case unknown
}

extension RunFolder {
  /// Keeps every other process from training in this folder as long as the object lives.
  ///
  /// - Throws: `taken`.
  public func lock() throws(FileProblem) -> FileLock {
    do {
      return try FileLock(lockFile)
    } catch  where error.code == .taken {
      throw FileProblem(
        .taken, "another process is training in this folder; wait for it, or start a new run.",
        path: path)
    }
  }

  /// Makes the folder whole after a kill and returns the checkpoint to resume from; see
  /// `CheckpointStore.recover`. The caller holds the lock.
  public func recover(
    keeping: Int? = nil, warn: (String) -> Void = { _ in }
  ) throws(FileProblem) -> (checkpoint: Checkpoint, from: CheckpointStore.Name)? {
    try removeLeftovers()
    return try checkpoints.recover(keeping: keeping, warn: warn)
  }

  /// Removes the temporary files of killed writers, wherever something is written in this folder.
  /// The caller holds the lock.
  public func removeLeftovers() throws(FileProblem) {
    let subfolders = try FilePath.names(in: path).map(file).filter(FilePath.isFolder)
    for folder in [path] + subfolders { try AtomicFile.removeLeftovers(in: folder) }
  }

  /// Whether the run whose manifest this is goes on.
  ///
  /// The lock tells; if the file system has none, or the process belongs to another machine
  /// (whose locks a network file system may not pass on), the process's number does.
  public func life(_ manifest: Manifest) -> RunLife {
    if manifest.status != .running { return .ended }
    let exists = manifest.process?.exists
    switch FileLock.isHeld(lockFile) {
    case true?: return .running
    case false?: return exists == nil && manifest.process != nil ? .unknown : .died
    case nil: return exists.map { $0 ? .running : .died } ?? .unknown
    }
  }
}
