import ExptRunFolder

/// Writes `log.txt`: one plain line per epoch.
final class LogObserver: TrainingObserver {
  let activity = Profile.Activity.records
  private let log: RunLog

  init(_ log: RunLog) { self.log = log }

  func observe(_ event: TrainingEvent, of trainer: Trainer) throws {
    switch event {
    case .started(let position, _):
      let start = position.step == 0 ? "started" : "resumed after step \(position.step)"
      try log.append("\(Timestamp.now.iso8601) \(start)")
    case .batchEnded: break
    case .epochEnded(let epoch): try log.append(epoch.description)
    case .interrupted(let position):
      try log.append("\(Timestamp.now.iso8601) interrupted after step \(position.step)")
    case .finished(_, let stoppedEarly):
      try log.append("\(Timestamp.now.iso8601) finished\(stoppedEarly ? ", stopped early" : "")")
    }
  }
}
