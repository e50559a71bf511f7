import ExptReport
import ExptTraining

/// What the numbers of a dataset are, and so how they are to be read and what likelihood suits them.
enum StartingValues {
  /// 0 and 1 alone.
  case blackAndWhite
  /// From 0 to 1, most of them at the ends, like the strokes of MNIST.
  case strokes(greyShare: Double)
  /// From 0 to 1.
  case shades
  /// Columns of a table, each with a unit of its own.
  case measurements
  /// Columns of whole numbers from 0 on, many of them 0.
  case counts
  /// Columns of which the dataset knows what they are.
  case columns

  init(_ found: FoundData, _ survey: DataSurvey) {
    guard let values = survey.parts.first?.values, !found.hasColumns else {
      self = found.hasColumns ? .columns : .shades
      return
    }
    if survey.isTable, !Self.areImages(survey) {
      let areCounts =
        values.areWhole && values.least >= 0 && values.greatest > 2 && values.zeroShare > 0.1
      self = areCounts ? .counts : .measurements
      return
    }
    let greyShare = 1 - values.zeroShare - values.oneShare
    let isUnit = values.least >= 0 && values.greatest <= 1
    self =
      isUnit && values.areWhole
      ? .blackAndWhite
      : isUnit && survey.image[0] == 1 && greyShare < 0.25
        ? .strokes(greyShare: greyShare) : .shades
  }

  /// Rows that are square pictures, flattened: 64 values or more, all from 0 to 1.
  private static func areImages(_ survey: DataSurvey) -> Bool {
    survey.image[1] >= 8
      && survey.parts.allSatisfy { part in
        part.values.map { $0.least >= 0 && $0.greatest <= 1 } ?? true
      }
  }

  var isTable: Bool {
    switch self {
    case .measurements, .counts, .columns: true
    case .blackAndWhite, .strokes, .shades: false
    }
  }

  var likelihood: StartingLine {
    switch self {
    case .blackAndWhite:
      StartingLine("likelihood", "bernoulli", because: "every pixel is black or white")
    case .strokes(let greyShare):
      StartingLine(
        "likelihood", "bernoulli",
        because: "\(Int((greyShare * 100).rounded())) % of the values are between black and white: "
          + "few enough for the customary cross-entropy, which is no likelihood then; "
          + "'binarization: stochastic' in the dataset makes it one")
    case .shades:
      StartingLine(
        "likelihood", "{ type: gaussian, scale: optimal }",
        because: "shades of grey or colour: the one noise scale that fits best is found while it "
          + "trains, so that reconstruction and KL need no weights; 'discretized_logistic' gives bits per "
          + "dimension of 8-bit pictures instead")
    case .measurements:
      StartingLine(
        "likelihood", "{ type: gaussian, scale: optimal }",
        because: "any number; the one noise scale that fits best is found while it trains, and "
          + "'scale: per_feature' learns one a column")
    case .counts:
      StartingLine(
        "likelihood", "{ type: negative_binomial, dispersion: per_feature }",
        because: "whole numbers from 0 on, many of them 0: counts")
    case .columns:
      StartingLine(
        "likelihood", "mixed", because: "each column has the likelihood that suits its kind")
    }
  }

  /// What the dataset must be told so that values become what the likelihood takes.
  func reading(_ survey: DataSurvey) -> [StartingLine] {
    let values = survey.parts.compactMap(\.values)
    guard let least = values.map(\.least).min(),
      let greatest = values.map(\.greatest).max()
    else { return [] }
    let range = "\(Format.brief(least)) to \(Format.brief(greatest))"
    switch self {
    case .measurements:
      return [
        StartingLine(
          "standardize", "true",
          because: "the columns have units of their own: each gets mean 0 and variance 1 over "
            + "the training rows")
      ]
    case .shades, .strokes:
      let level = (greatest * 255).rounded()
      if least >= 0, greatest <= 1, level > 1, level < 128, greatest == level / 255 {
        return [divisor(level, "the largest level is \(Format.brief(level)), taken as white")]
      }
      if least >= 0, greatest <= 1, greatest >= 0.25 { return [] }
      if least >= 0 {
        let usual: Float? = [255, 1023, 4095, 65_535].first { greatest <= $0 && greatest > $0 / 4 }
        return [divisor(usual ?? greatest, "the values go from \(range), and 1 is to be white")]
      }
      let limits =
        greatest <= 1 && least >= -1
        ? "-1, 1" : "\(Format.brief(least)), \(Format.brief(greatest))"
      return [
        StartingLine(
          "range", "[\(limits)]",
          because: "the values go from \(range); these become black and white, 0 and 1")
      ]
    case .blackAndWhite, .counts, .columns: return []
    }
  }

  private func divisor(_ value: Float, _ reason: String) -> StartingLine {
    StartingLine("divisor", Format.brief(value), because: reason)
  }
}
