import ExptComponents
import ExptInference
import Foundation

// What there is to say about the prior: components that are alike or idle, and latents elsewhere.
extension Diagnosis {
  /// Of a prior that is a mixture.
  static func prior(_ use: PriorUse) -> [String] {
    use.components.map { components($0, images: use.latents.count) } ?? []
  }

  /// Fewer images than this for each component say little about which are in use.
  private static let imagesPerComponent = 20

  private static func components(_ own: PriorUse.Components, images: Int) -> [String] {
    guard own.count > 1 else { return [] }
    let name = own.sources == nil ? "component" : "pseudo-input"
    let whole = "The prior's \(Format.count(own.count, name))"
    var found: [String] = []
    if own.distinct < max(1.5, Double(own.count) / 10) {
      found.append(
        "\(whole) have collapsed: they are worth \(Format.fixed(own.distinct, 1)) different ones. "
          + (own.sources == nil
            ? "Use fewer 'components', or train longer."
            : "Begin at training images ('start: images'), use fewer 'pseudo_inputs', or train longer.")
      )
    } else {
      found.append(
        "\(whole) are worth \(Format.fixed(own.distinct, 1)) different ones; the latents of "
          + "\(Format.count(images, "image")) are spread over \(Format.fixed(own.used, 1)).")
    }
    if images >= imagesPerComponent * own.count, own.idle > 0 {
      found.append(
        "\(own.idle) of the prior's \(Format.count(own.count, name)) \(own.idle == 1 ? "is" : "are") "
          + "unused (below a hundredth of an equal share of the latents): use fewer of them.")
    }
    return found
  }

  /// Latents that the prior's own draws are hardly ever like: where its density is below that of 99 %
  /// of its draws, or above.
  static func elsewhere(_ use: PriorUse, _ remedies: Remedies) -> String? {
    guard use.latents.count >= 100, use.draws.allSatisfy(\.isFinite) else { return nil }
    let draws = use.draws.sorted()
    let (low, high) = (draws[draws.count / 100], draws[draws.count - 1 - draws.count / 100])
    func share(_ count: Int) -> Double { Double(count) / Double(use.latents.count) }
    let (below, above) = (
      share(use.latents.count { $0 < low }), share(use.latents.count { $0 > high })
    )
    if below > 0.5 {
      return
        "\(percent(below)) of the latents lie where the prior hardly ever draws (its density there is "
        + "below that of 99 % of its draws): samples will not look like the data. "
        + (remedies.hasOnlyCodes
          ? ofCodes
          : advice([
            remedies.moreOfPrior, remedies.canLearnPrior ? "use a more flexible prior" : nil,
            remedies.fittedPrior,
          ]))
    }
    if above > 0.5 {
      return
        "\(percent(above)) of the latents lie where the prior is denser than in 99 % of its draws: "
        + "most samples come from latents that the decoder has never seen. "
        + (remedies.hasOnlyCodes
          ? ofCodes
          : advice([
            remedies.moreOfPrior, remedies.learningPrior, remedies.fittedPrior,
          ]))
    }
    return nil
  }

  private static let ofCodes =
    "The prior draws each code on its own: fit one that sees the others "
    + "('expt fit RUN --sampler autoregressive')."

  private static func percent(_ share: Double) -> String { "\(Format.fixed(100 * share, 0)) %" }
}

extension Trainer {
  /// How the prior goes with the latents of held-out images.
  func priorUse() -> PriorUse? {
    access.priorUse(examples(2000), seed: experiment.seed)
  }
}
