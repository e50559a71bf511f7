import ExptComponents
import ExptTensor
import Foundation

extension Experiment {
  /// Checks that the data as the dataset presents them, the likelihood and the end of the decoder go
  /// together, as far as that is known without data.
  func checkFit(_ report: SettingsReport) {
    let likelihood = model.parts.likelihood
    let name = type(of: likelihood).id
    if dataset.standardizes, let support = narrowest {
      report.report(
        .error,
        "'standardize: true' gives values without bounds on either side, and \(name) needs "
          + "\(support)", at: ["dataset", "standardize"],
        help: "use the likelihood gaussian or laplace, or 'range' in place of 'standardize'")
    }
    if dataset.standardizes, dataset.split.binarization != .none {
      report.report(
        .error,
        "'binarization: \(dataset.split.binarization.rawValue)' needs values from 0 to 1, and "
          + "'standardize: true' gives others", at: ["dataset", "binarization"],
        help: "leave one of them out")
    }
    guard let (activation, setting) = model.parts.decoder.outputActivation else { return }
    let place = ["model", "decoder"] + setting
    switch likelihood.decoded {
    case .logits: checkLogits(activation, name, report, place)
    case .logarithms: checkLogarithms(activation, name, report, place)
    case .pixels: checkPixels(activation, likelihood, report, place)
    }
  }

  private func checkLogits(
    _ activation: Activation, _ name: String, _ report: SettingsReport, _ place: [String]
  ) {
    let (lower, upper) = activation.range
    let lead =
      "\(name) takes logits, which may be any number, and the decoder ends with "
      + "'\(activation.name)'"
    let help = "leave it out: the likelihood itself turns the decoder's outputs into probabilities"
    if upper.isFinite {
      report.report(
        .error,
        "\(lead), which keeps every pixel's probability from \(chance(lower)) to \(chance(upper))",
        at: place, help: help)
    } else if lower.isFinite {
      report.report(
        .warning, "\(lead), which lets no pixel's probability go below \(chance(lower))", at: place,
        help: help)
    } else {
      report.report(.warning, "\(lead), which distorts them", at: place, help: help)
    }
  }

  private func checkLogarithms(
    _ activation: Activation, _ name: String, _ report: SettingsReport, _ place: [String]
  ) {
    let (lower, upper) = activation.range
    let isBound = lower.isFinite || upper.isFinite
    report.report(
      upper.isFinite ? .error : .warning,
      "\(name) takes logarithms of means, which may be any number, and the decoder ends with "
        + "'\(activation.name)', which "
        + (isBound ? "reaches \(reach(activation))" : "distorts them"),
      at: place, help: "leave it out: the likelihood itself turns the decoder's outputs into means")
  }

  /// The probability that a logit means: `0.73`.
  private func chance(_ logit: Float) -> String {
    Format.fixed(Double(logit).probability, 2)
  }

  private func checkPixels(
    _ activation: Activation, _ likelihood: any Likelihood, _ report: SettingsReport,
    _ place: [String]
  ) {
    let (lower, upper) = activation.range
    let ends = "the decoder ends with '\(activation.name)'"
    if dataset.standardizes, lower.isFinite {
      report.report(
        upper.isFinite ? .error : .warning,
        "\(ends), which reaches \(reach(activation)), and 'standardize: true' gives values "
          + "without bounds on either side", at: place, help: "leave it out")
    } else if likelihood.parametersPerPixel > 1, lower.isFinite {
      report.report(
        upper.isFinite ? .error : .warning,
        "\(ends), and \(type(of: likelihood).id) takes the logarithm of each pixel's scale from the "
          + "decoder too, which then reaches \(reach(activation))", at: place, help: "leave it out")
    } else if let range = likelihood.support.range,
      lower > range.lowerBound || upper < range.upperBound,
      range.upperBound != .greatestFiniteMagnitude
    {
      report.report(
        .warning,
        "\(ends), which reaches \(reach(activation)), and \(type(of: likelihood).id) needs "
          + "\(likelihood.support)", at: place, help: "leave it out")
    }
  }

  /// What the likelihood asks of some values, where it does not take any number.
  private var narrowest: Support? {
    let likelihood = model.parts.likelihood
    // Whatever the shape of the images is: the columns of a table say themselves how many they are.
    return ([likelihood.support] + likelihood.supports(of: [1, 1, 1]).map(\.support))
      .first { $0.range != nil }
  }

  private func reach(_ activation: Activation) -> String { Self.reach(activation) }

  /// `only -1 to 1`, `nothing below 0`.
  static func reach(_ activation: Activation) -> String {
    let (lower, upper) = activation.range
    let least = Format.brief(lower)
    return upper.isFinite
      ? "only \(least) to \(Format.brief(upper))" : "nothing below \(least)"
  }
}

extension Double {
  /// The probability whose logit this is.
  fileprivate var probability: Double { 1 / (1 + exp(-self)) }
}
