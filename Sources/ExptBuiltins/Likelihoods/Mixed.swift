import ExptComponents
import ExptTensor

/// The columns of a table, each with a likelihood of its own: the loss is the sum of theirs.
///
///     likelihood: mixed               # of a table that names its columns, such as csv
///
///     likelihood:
///       type: mixed
///       columns: [gaussian, bernoulli, { type: categorical, levels: 5, values: whole }, poisson]
///       widths: [4, 1, 1, 3]        # the first for columns 0 to 3, and so on
///
/// Without `columns` each column has the likelihood of its kind: a numeric one `gaussian` with a learned
/// scale, a binary one `bernoulli`, a categorical one `categorical` with its levels, a count
/// `negative_binomial` with a learned dispersion; `by_name` gives others to some.
///
/// It is a probability where all are, a density where none is a mere loss. Means and draws of a column are
/// those of its likelihood. The decoder gives all numbers of the first likelihood, then those of the next:
/// `[n, 1, 1]`. An image counts as the row of its values in order. Values that are missing are left out of
/// the sum: those of a single column with any likelihood, those of a run of columns with one that can leave
/// some out.
///
/// Source: Nazábal et al., "Handling incomplete heterogeneous data using VAEs", Pattern Recognition 2020.
public struct Mixed: Likelihood {
  public static let id = "mixed"
  public static let summary = "Columns of a table, each with its own likelihood."
  public static let exampleSettings =
    "{ columns: [gaussian, bernoulli, laplace], widths: [20, 10, 20] }"

  @Slots(
    "The likelihood of each column, or run of columns, in order; none: as the data's columns are.",
    .likelihood)
  public var columns: [any Likelihood] = []
  @Setting("How many columns each of them is for; null: one each.", .within(1...1e6))
  public var widths: [Int]? = nil
  @Entries(
    "Likelihoods of columns by their names, where 'columns' does not say them.",
    each: "{ likelihood: laplace }")
  public var byName: [Entry<NamedColumn>] = []

  /// Why it cannot follow the data's columns.
  var problem: BuildProblem?

  public init() {}

  public var formula: String? {
    if columns.isEmpty {
      return "−log p(x|z) = Σ over columns, each by the likelihood of its kind or name"
    }
    var column = 0
    let runs = columns.enumerated().map { number, likelihood in
      let width = widths.map { number < $0.count ? $0[number] : 1 } ?? 1
      defer { column += width }
      return "\(likelihood.id) (\(width == 1 ? "\(column)" : "\(column) to \(column + width - 1)"))"
    }
    return "−log p(x|z) = Σ over columns, each by its own likelihood:  "
      + runs.joined(separator: ", ")
  }

  public func check(_ report: SettingsReport) {
    if !columns.isEmpty, !byName.isEmpty {
      report.error(
        "'columns' and 'by_name' both say what likelihoods columns have", at: "by_name",
        help: "leave one of them out")
    }
    if let widths, widths.count != columns.count {
      report.error(
        "there are \(widths.count) widths for \(columns.count) likelihoods", at: "widths",
        help: "write one for each entry of 'columns'")
    }
  }

  /// A run of columns.
  private struct Run {
    var likelihood: any Likelihood
    var number: Int
    /// Its values in an example.
    var columns: Range<Int>
    /// Its numbers among the decoder's, and their shape.
    var outputs: Range<Int>
    var shape: Shape
    var image: Shape { [1, 1, columns.count] }
  }

  private func runs() throws(BuildProblem) -> [Run] {
    if let problem { throw problem }
    var (runs, column, output) = ([Run](), 0, 0)
    for (number, likelihood) in columns.enumerated() {
      let width = widths.map { number < $0.count ? $0[number] : 1 } ?? 1
      let shape = try locating("columns") { () throws(BuildProblem) in
        try locating("[\(number)]") { () throws(BuildProblem) in
          try likelihood.outputShape(for: [1, 1, width])
        }
      }
      runs.append(
        Run(
          likelihood: likelihood, number: number, columns: column..<column + width,
          outputs: output..<output + shape.count, shape: shape))
      column += width
      output += shape.count
    }
    return runs
  }

  public func outputShape(for image: Shape) throws(BuildProblem) -> Shape {
    guard problem != nil || !columns.isEmpty else {
      throw BuildProblem(
        "there is no likelihood for any column, and these data do not say what theirs are",
        help: "write columns: [gaussian, bernoulli], one for each", at: ["columns"])
    }
    let runs = try runs()
    let count = runs.last?.columns.upperBound ?? 0
    guard count == image.count else {
      throw BuildProblem(
        "there are likelihoods for \(count) columns, and the examples have \(image.count)",
        help: "'widths' says how many columns each is for",
        at: [widths == nil ? "columns" : "widths"])
    }
    return [runs.last?.outputs.upperBound ?? 0, 1, 1]
  }

  /// Runs that `outputShape` has accepted.
  private var accepted: [Run] { (try? runs()) ?? [] }

  public var measure: Measure {
    let measures = columns.map(\.measure)
    return measures.contains(.loss) ? .loss : measures.contains(.density) ? .density : .probability
  }

  public var takesMissing: Bool { accepted.allSatisfy(Self.takesMissing) }

  private static func takesMissing(_ run: Run) -> Bool {
    run.columns.count == 1 ? run.likelihood.isExamplewise : run.likelihood.takesMissing
  }

  public func supports(of image: Shape) -> [(values: Range<Int>, support: Support)] {
    accepted.flatMap { run in
      run.likelihood.supports(of: run.image).map { part in
        let first = run.columns.lowerBound
        return (part.values.lowerBound + first..<part.values.upperBound + first, part.support)
      }
    }
  }

  public func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor
  {
    let values = images.flattened()
    let losses = accepted.map { run in
      run.likelihood.negativeLogLikelihood(
        numbers(run, parameters), images: examples(run, values), in: place(run, in: scope))
    }
    return losses.dropFirst().reduce(losses.first ?? values.sumPerExample()) { $0 + $1 }
  }

  public func negativeLogLikelihood(
    _ parameters: Tensor, images: Tensor, observed: Tensor, in scope: Scope
  ) -> Tensor {
    let (values, masks) = (images.flattened(), observed.flattened())
    let losses = accepted.map { run in
      let (own, mask) = (examples(run, values), examples(run, masks))
      let (numbers, place) = (numbers(run, parameters), place(run, in: scope))
      guard run.columns.count == 1 else {
        return run.likelihood.negativeLogLikelihood(
          numbers, images: own, observed: mask, in: place)
      }
      // In the place of a missing value stands one that has a finite loss, which then counts nothing.
      let filled = own * mask + (1 - mask) * run.likelihood.support.someValue
      return run.likelihood.negativeLogLikelihood(numbers, images: filled, in: place)
        * mask.reshaped([mask.shape[0]])
    }
    return losses.dropFirst().reduce(losses.first ?? values.sumPerExample()) { $0 + $1 }
  }

  public func mean(_ parameters: Tensor, in scope: Scope) -> Tensor {
    table(
      accepted.map { $0.likelihood.mean(numbers($0, parameters), in: place($0, in: scope)) },
      in: scope)
  }

  public func draw(_ parameters: Tensor, in scope: Scope) -> Tensor? {
    let runs = accepted
    let draws = runs.compactMap { run in
      let place = place(run, in: scope)
      return scope.graph.within("column \(run.number)") {
        run.likelihood.draw(numbers(run, parameters), in: place)
      }
    }
    return draws.count == runs.count ? table(draws, in: scope) : nil
  }

  private func numbers(_ run: Run, _ parameters: Tensor) -> Tensor {
    parameters.flattened().columns(run.outputs).reshaped(run.shape.batched(parameters.shape[0]))
  }

  /// The run's own among the values of examples, `[n, values]`.
  private func examples(_ run: Run, _ values: Tensor) -> Tensor {
    values.columns(run.columns).reshaped(run.image.batched(values.shape[0]))
  }

  /// The columns side by side, as images.
  private func table(_ columns: [Tensor], in scope: Scope) -> Tensor {
    let rows = concatenate(columns.map { $0.flattened() })
    return rows.reshaped(scope.data.image.batched(rows.shape[0]))
  }

  /// Where a run's likelihood has its parameters, and what it knows of the data.
  private func place(_ run: Run, in scope: Scope) -> Scope {
    var data = scope.data
    let mean = data.pixelMean
    (data.image, data.table) = (run.image, nil)
    data.pixelMean = { Array(mean()[run.columns]) }
    return scope.child("\(run.number)").about(data)
  }

  public func output(forMean mean: [Float], image: Shape) -> [Float] {
    accepted.flatMap { $0.likelihood.output(forMean: Array(mean[$0.columns]), image: $0.image) }
  }
}

/// The likelihood of a column.
public struct NamedColumn: Settings {
  @Slot("The likelihood of its values.", .likelihood) public var likelihood: any Likelihood

  public init() {}
}

extension Support {
  /// A value that it contains.
  fileprivate var someValue: Float {
    guard let range, !contains(0) else { return 0 }
    let (lower, upper) = (range.lowerBound, range.upperBound)
    return step == nil ? lower + (upper - lower) / 2 : lower
  }
}
