import ExptTraining

/// Shows the progress of training on stderr: on a terminal one line drawn over, with a bar; elsewhere one plain
/// line an epoch.
final class ProgressObserver: TrainingObserver {
  let activity = Profile.Activity.display
  private let clock = ContinuousClock()
  private var began = ContinuousClock.now
  private var epochBegan = ContinuousClock.now
  private var drawn: ContinuousClock.Instant?
  private var imagesAtStart = 0
  private var doneAtStart = 0.0
  private var isFirstBatch = true

  func observe(_ event: TrainingEvent, of trainer: Trainer) {
    switch event {
    case .started(let position, let batches):
      began = clock.now
      epochBegan = began
      doneAtStart = Double(position.epoch) + Double(position.batch) / Double(batches)
      imagesAtStart = position.images
    case .batchEnded(let batch): draw(batch)
    case .epochEnded(let epoch):
      erase()
      Console.note(epoch.description)
      epochBegan = clock.now
      imagesAtStart = 0
    case .interrupted: erase()
    case .finished(let position, let stoppedEarly):
      erase()
      if stoppedEarly, let best = position.best {
        Console.note("Stopped early: no improvement since epoch \(best.epoch).")
      }
    }
  }

  private func draw(_ batch: BatchSummary) {
    guard Console.errorIsTerminal else { return }
    let now = clock.now
    if let drawn, drawn.duration(to: now) < .milliseconds(100) { return }
    drawn = now
    let done = Double(batch.batch) / Double(batch.batches)
    let total = Double(batch.epoch - 1) + done - doneAtStart
    let elapsed = began.duration(to: now).inSeconds
    let left = (Double(batch.epochs) - doneAtStart - total) * elapsed / max(total, 1e-9)
    let rate =
      Double(batch.images - imagesAtStart) / max(epochBegan.duration(to: now).inSeconds, 1e-9)
    let width = 20
    let filled = Int(done * Double(width))
    let bar = String(repeating: "━", count: filled) + String(repeating: "─", count: width - filled)
    var text = "epoch \(batch.epoch)/\(batch.epochs) \(bar) \(Format.grouped(rate)) images/s"
    text += "  ETA \(Format.duration(left))"
    for mean in batch.means { text += "  \(mean.name) \(Format.fixed(mean.value, 2))" }
    Console.draw("\r\u{1B}[K" + String(text.prefix(Console.width - 1)))
  }

  private func erase() {
    if drawn != nil { Console.draw("\r\u{1B}[K") }
    drawn = nil
  }
}

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
