import ExptComponents
import ExptRunFolder

/// Runs the experiment's further outputs after every epoch. A failure is logged, and training
/// continues.
final class OutputsObserver: TrainingObserver {
  let activity = Profile.Activity.outputs
  let looksAtModel = true
  private let folder: RunFolder
  private let examples: ImageSet
  private let warn: (String) -> Void

  init(_ folder: RunFolder, _ trainer: Trainer, warn: @escaping (String) -> Void) {
    self.folder = folder
    self.warn = warn
    examples = trainer.examples(1000)
  }

  func observe(_ event: TrainingEvent, of trainer: Trainer) {
    guard case .epochEnded(let epoch) = event else { return }
    let occasion = OutputOccasion(
      epoch: epoch.epoch, epochs: epoch.epochs, folder: folder.path, model: trainer.access,
      examples: examples, seed: trainer.experiment.seed,
      imageFormats: trainer.experiment.outputs.imageFormats)
    for output in trainer.experiment.outputs.also {
      do { try output.epochEnded(occasion) } catch {
        warn("the output '\(type(of: output).id)' failed after epoch \(epoch.epoch): \(error)")
      }
    }
  }
}
