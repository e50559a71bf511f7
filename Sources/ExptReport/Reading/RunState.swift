import ExptRunFolder

/// How a run stands, seen from outside.
public enum RunState: String, Sendable, CaseIterable {
  case running, finished, interrupted, failed
  /// It says that it is running, on another machine, which cannot be asked.
  case unknown
  /// The folder cannot be read as a run.
  case unreadable

  /// A run whose process died is interrupted: it can be resumed.
  init(_ manifest: Manifest, in folder: RunFolder) {
    switch manifest.status {
    case .finished: self = .finished
    case .interrupted: self = .interrupted
    case .failed: self = .failed
    case .running:
      switch folder.life(manifest) {
      case .running: self = .running
      case .died, .ended: self = .interrupted
      case .unknown: self = .unknown
      }
    }
  }
}
