import ExptFiles
import ExptRunFolder

/// Writes `tensorboard/events.out.tfevents.…`, epoch by epoch, where the experiment asks for it.
final class TensorBoardObserver: TrainingObserver {
  let activity = Profile.Activity.records
  private let events: TensorBoardEvents
  private let file: AppendingFile
  private let disk: DiskWriter

  /// Writes what is done already: a resumed run has its file anew, without epochs that it
  /// repeats.
  init(_ folder: RunFolder, _ disk: DiskWriter, created: Timestamp) throws {
    self.disk = disk
    let place = folder.file("tensorboard")
    try ExclusiveFolder.makeAll(place)
    let path = FilePath.join(place, TensorBoardEvents.fileName(created: created))
    events = TensorBoardEvents(folder, created: created)
    try AtomicFile.write(events.all(), to: path)
    file = try AppendingFile(path)
  }

  func observe(_ event: TrainingEvent, of trainer: Trainer) throws {
    guard case .epochEnded = event else { return }
    try disk.wait()  // the epoch's pictures are part of its events
    try file.append(events.last(), isDurable: false)
  }
}
