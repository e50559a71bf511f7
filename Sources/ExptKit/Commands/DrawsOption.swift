import ArgumentParser
import ExptComponents
import ExptTraining

/// Whether a command shows draws of the likelihood in place of its means.
struct DrawsOption: ParsableArguments {
  @Flag(
    help: "Show a draw of each image from the likelihood, x ~ p(x|z), in place of its mean.")
  var draws = false

  /// For the names of files.
  var suffix: String { draws ? "-draws" : "" }

  /// Images of latents.
  ///
  /// - Throws: `CommandFailure` if the likelihood has no distribution.
  func decode(
    _ latents: [Float], given annotations: Annotations? = nil, seed: UInt64, _ run: TrainedRun
  ) throws(CommandFailure) -> [Float] {
    guard draws else { return run.access.decode(latents, given: annotations) }
    guard let images = run.access.draw(latents, seed: seed, given: annotations) else {
      throw CommandFailure(
        .data,
        "--draws: the likelihood '\(run.manifest.likelihood)' has no distribution to draw from")
    }
    return images
  }
}
