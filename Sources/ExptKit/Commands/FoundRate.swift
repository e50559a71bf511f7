import ExptFiles
import ExptReport
import ExptTraining

/// What a range test found, as people, programs and files get it.
struct FoundRate {
  private let range: RateRange
  private let initial: Double

  init(_ range: RateRange, of experiment: Experiment) {
    self.range = range
    initial = experiment.optimizer.step.learningRate
  }

  /// The rates are told to two digits: the test knows no more.
  private func rate(_ value: Double) -> String { Words.significant(value, 2) }

  var sentence: String {
    let count = range.points.count
    guard let lowest = range.lowest, let suggestion = range.suggestion else {
      let why =
        range.points.isEmpty
        ? "the loss was no number at the first step"
        : "the loss never fell in \(count) steps, up to a rate of \(rate(range.points.last?.rate ?? 0))"
      return "no suggestion: \(why). Try a lower --from, a higher --to or more --steps"
    }
    var text =
      "suggested learning rate: \(rate(suggestion)), a tenth of \(rate(lowest.rate)), where the smoothed "
      + "loss is lowest (\(Words.metric(lowest.smoothed)))"
    if let steepest = range.steepest { text += "; it falls fastest at \(rate(steepest.rate))" }
    text += ". The experiment has \(rate(initial))"
    switch range.end {
    case .finished:
      text += ". The loss had not risen by the last rate: a higher --to may show more"
    case .diverged:
      text += ". The loss diverged after \(count) steps, at \(rate(range.points.last?.rate ?? 0))"
    case .stopped: text += ". It was stopped after \(count) steps"
    }
    return text
  }

  /// The points as they are drawn: where the loss diverges, no higher than half of what it fell above its
  /// start.
  private var shown: [RateRange.Point] {
    guard let first = range.points.first, let lowest = range.lowest else { return range.points }
    let ceiling = first.smoothed + 0.5 * (first.smoothed - lowest.smoothed)
    return range.points.map {
      RateRange.Point(
        rate: $0.rate, loss: min($0.loss, ceiling), smoothed: min($0.smoothed, ceiling))
    }
  }

  func plot(width: Int, colour: @escaping @Sendable (String, Int) -> String) -> String {
    func logarithms(_ value: (RateRange.Point) -> Double) -> [(x: Double, y: Double)] {
      shown.map { (Words.logarithm($0.rate), value($0)) }
    }
    var plot = CurvePlot(
      title: "smoothed loss",
      curves: [.init(mark: "●", name: "smoothed loss, in nats", points: logarithms(\.smoothed))],
      width: width)
    plot.axis = .logarithms("learning rates")
    plot.colour = colour
    return plot.text
  }

  var json: JSONValue {
    [
      "suggestion": range.suggestion.map { JSONValue($0) } ?? .null,
      "lowest": range.lowest.map { JSONValue($0.rate) } ?? .null,
      "steepest": range.steepest.map { JSONValue($0.rate) } ?? .null,
      "end": .string(range.end.rawValue),
      "points": .array(
        range.points.map {
          [
            "rate": JSONValue($0.rate), "loss": JSONValue($0.loss),
            "smoothed_loss": JSONValue($0.smoothed),
          ]
        }),
    ]
  }

  /// Writes the points, or the drawing, by the ending.
  func write(to path: String) throws(FileProblem) {
    try AtomicFile.write(path.hasSuffix(".svg") ? svg : csv, to: path)
  }

  private var csv: String {
    CSV.line(["rate", "loss", "smoothed_loss"])
      + range.points.map {
        CSV.line([CSV.field($0.rate), CSV.field($0.loss), CSV.field($0.smoothed)])
      }.joined()
  }

  private var svg: String {
    RateChart(
      title: "Loss over learning rates", axis: "learning rate",
      curves: [
        .init("loss", colour: "#aac", shown.map { ($0.rate, $0.loss) }),
        .init("smoothed", colour: "#225", shown.map { ($0.rate, $0.smoothed) }),
      ], marks: range.suggestion.map { [($0, "suggested: \(rate($0))")] } ?? []
    ).text
  }
}
