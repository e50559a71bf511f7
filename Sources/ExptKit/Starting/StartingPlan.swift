import ExptReport
import ExptTraining

/// What an experienced person would begin with on some data: an experiment whose first run takes minutes on two
/// cores and whose pictures say what to change.
struct StartingPlan {
  var dataset: [StartingLine]
  var model: [StartingLine]
  var batchSize: Int
  /// Images to train on.
  let count: Int
  private let values: StartingValues

  init(_ found: FoundData, _ survey: DataSurvey) {
    values = StartingValues(found, survey)
    let total = survey.parts.first.map { $0.count ?? $0.seen } ?? 0
    let (split, count) = Self.split(found, total)
    self.count = count
    dataset = found.lines + (found.isArray ? values.reading(survey) : []) + split
    batchSize = count < 1000 ? 32 : count < 10_000 ? 64 : 128
    let architecture = Self.architecture(survey, isTable: values.isTable)
    model =
      [
        StartingLine("type", "vae"),
        StartingLine(
          "latent", "\(Self.latent(survey, isTable: values.isTable))",
          because: "numbers that each \(values.isTable ? "row" : "image") becomes; 'expt report' "
            + "shows how many of them are used"),
        StartingLine(
          "beta", "1.0",
          because: "weight of the KL: more makes codes simpler, less makes them sharper"),
        values.likelihood, architecture,
        StartingLine("decoder", "mirror"),
      ] + (values.isTable ? [] : [StartingLine("output_bias", "data_mean")])
  }

  /// Images to hold out, where there are none of their own and enough of all.
  private static func split(_ found: FoundData, _ total: Int) -> ([StartingLine], count: Int) {
    var lines: [StartingLine] = []
    var count = total
    if !found.hasTest, total >= 100 {
      lines.append(
        StartingLine(
          "test", "0.1", because: "a tenth is never trained on, for 'expt evaluate' at the end"))
      count -= Int((0.1 * Double(total)).rounded())
    }
    if !found.hasValidation, total >= 10 {
      lines.append(
        StartingLine(
          "validation", "0.1",
          because: "and a tenth of the others shows after each epoch how it goes"))
      count -= Int((0.1 * Double(count)).rounded())
    }
    return (lines, count)
  }

  private static func latent(_ survey: DataSurvey, isTable: Bool) -> Int {
    if isTable { return min(8, max(2, survey.image.count / 4)) }
    let side = min(survey.image[1], survey.image[2])
    return side < 32 ? 16 : side < 64 ? 32 : 64
  }

  private static func architecture(_ survey: DataSurvey, isTable: Bool) -> StartingLine {
    let side = min(survey.image[1], survey.image[2])
    if isTable || side < 32 {
      let count = survey.image.count
      let width = !isTable ? 400 : count <= 16 ? 64 : count <= 64 ? 128 : 256
      return StartingLine(
        "encoder", "{ type: mlp, hidden: [\(isTable ? "\(width), \(width / 2)" : "\(width)")] }",
        because: isTable
          ? "a table has no neighbours: fully connected layers"
          : "small enough for fully connected layers")
    }
    // Halved until some four rows are left.
    var (levels, rest) = (0, side)
    while rest >= 8, levels < 6 { (levels, rest) = (levels + 1, rest / 2) }
    let widths = side >= 128 ? [16, 32, 64, 64, 128, 128] : [32, 64, 64, 128, 128, 128]
    let channels = widths.prefix(levels).map(String.init).joined(separator: ", ")
    return StartingLine(
      "encoder", "{ type: conv, channels: [\(channels)], hidden: [256] }",
      because: "\(levels) convolutions, each halving the side, from \(side) to \(rest)")
  }

  /// Epochs that take some minutes on two cores, and the minutes they take.
  ///
  /// - Parameter multiplyAdds: Of the model for one image, forward; backward takes twice as many.
  func epochs(multiplyAdds: Int) -> (count: Int, minutes: Double) {
    let perImage = 6 * Double(max(multiplyAdds, 1)) / Self.operationsPerSecond + Self.overhead
    let epoch = perImage * Double(max(count, 1))
    let steps = (max(count, 1) + batchSize - 1) / batchSize
    let most = min(Self.seconds / epoch, Double(Self.mostSteps / steps))
    let nice = [3, 5, 8, 10, 15, 20, 30, 40, 50, 60, 80, 100, 150, 200]
    let epochs = nice.last { Double($0) <= most } ?? 3
    return (epochs, Double(epochs) * epoch / 60)
  }

  /// What two cores do in training, and the seconds that an image takes besides: measured where this was
  /// written, on 64×64 convolutions and on 784-400-20-400-784.
  private static let operationsPerSecond = 150e9
  private static let overhead = 5e-6
  private static let seconds = 240.0
  private static let mostSteps = 12_000
  var showsPictures: Bool { !values.isTable }
}
