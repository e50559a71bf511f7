import ExptBuiltins
import ExptComponents
import ExptData
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

@Suite("The likelihood of a table")
struct TableLikelihoodTests {
  private static let columns: [TableColumn] = [
    TableColumn("x", .numeric), TableColumn("yes", .binary, levels: ["no", "yes"]),
    TableColumn("site", .categorical, levels: ["a", "b", "c"]), TableColumn("n", .count),
  ]

  private func facts(_ table: TableColumns) -> DataFacts {
    var facts = DataFacts(image: table.shape) { Array(repeating: 0, count: table.shape.count) }
    facts.table = table
    return facts
  }

  private func mixed(
    _ table: TableColumns, _ text: String = "mixed"
  ) throws -> any Likelihood {
    let written: any Likelihood = try network(.likelihood, text)
    return written.following(table)
  }

  /// −log p of rows, each with the same numbers of the decoder.
  private func losses(
    _ likelihood: any Likelihood, _ table: TableColumns, _ numbers: [Float], _ rows: [Float],
    observed: [Float]? = nil
  ) throws -> [Double] {
    let count = rows.count / table.shape.count
    let shape = try likelihood.outputShape(for: table.shape)
    let all = (0..<count).flatMap { _ in numbers }
    let rowShape = table.shape.batched(count)
    return forward([
      (shape.batched(count), all), (rowShape, rows),
      (rowShape, observed ?? Array(repeating: 1, count: rows.count)),
    ]) { graph, t in
      let scope = Scope(graph, data: facts(table))
      return observed == nil
        ? likelihood.negativeLogLikelihood(t[0], images: t[1], in: scope)
        : likelihood.negativeLogLikelihood(t[0], images: t[1], observed: t[2], in: scope)
    }.map(Double.init)
  }

  /// All rows of a grid: every level of each category, counts to 400, and numbers by the midpoint rule.
  private static let grid: (rows: [Float], weight: Double) = {
    let (steps, reach): (Int, Float) = (60, 9)
    var rows: [Float] = []
    for step in 0..<steps {
      let x = (Float(step) + 0.5) / Float(steps) * 2 * reach - reach
      for binary in 0..<2 {
        for level in 0..<3 {
          for count in 0..<150 { rows += [x, Float(binary), Float(level), Float(count)] }
        }
      }
    }
    return (rows, Double(2 * reach) / Double(steps))
  }()

  private static let numbers: [Float] = [0.4, -0.7, 0.2, -1, 0.9, 1.1]

  @Test(arguments: [false, true])
  func `the probabilities of all rows add up to 1`(hasMissing: Bool) throws {
    var table = TableColumns(Self.columns)
    table.hasMissing = hasMissing
    let likelihood = try mixed(table)
    let observed = hasMissing ? Self.grid.rows.map { _ in Float(1) } : nil
    let sum = try losses(likelihood, table, Self.numbers, Self.grid.rows, observed: observed)
      .reduce(0) { $0 + exp(-$1) * Self.grid.weight }
    #expect(abs(sum - 1) < 2e-5, "\(sum)")
  }

  /// Of the others alone they do too: missing cells are summed out.
  @Test(arguments: 0..<4)
  func `and those of what is observed`(missing: Int) throws {
    var table = TableColumns(Self.columns)
    table.hasMissing = true
    let likelihood = try mixed(table)
    var rows: Set<[Float]> = []
    let all = Self.grid.rows
    for start in stride(from: 0, to: all.count, by: 4) {
      var row = Array(all[start..<start + 4])
      row[missing] = 7  // Whatever stands there.
      rows.insert(row)
    }
    let mask = (0..<4).map { $0 == missing ? Float(0) : 1 }
    let values = rows.flatMap { $0 }
    let observed = rows.flatMap { _ in mask }
    let sum = try losses(likelihood, table, Self.numbers, values, observed: observed)
      .reduce(0) { $0 + exp(-$1) }
    let weight = missing == 0 ? 1 : Self.grid.weight
    #expect(abs(sum * weight - 1) < 2e-5, "\(sum * weight)")
  }

  @Test func `columns have the likelihoods of their kinds, or those of their names`() throws {
    var table = TableColumns([TableColumn("w", .numeric)] + Self.columns)
    let kinds = try #require(mixed(table) as? Mixed)
    #expect(
      kinds.columns.map(\.id) == ["gaussian", "bernoulli", "categorical", "negative_binomial"])
    #expect(kinds.widths == [2, 1, 1, 1])
    table.hasMissing = true
    let single = try #require(mixed(table) as? Mixed)
    #expect(single.widths == [2, 1, 1, 1] && single.takesMissing)
    let named = try #require(
      mixed(table, "{ type: mixed, by_name: { x: { likelihood: laplace } } }") as? Mixed)
    #expect(named.columns.map(\.id)[1] == "laplace")
    let optimal = try mixed(
      table, "{ type: mixed, by_name: { x: { likelihood: { type: gaussian, scale: optimal } } } }")
    #expect(!optimal.takesMissing)
    let unknown = try mixed(table, "{ type: mixed, by_name: { sites: { likelihood: laplace } } }")
    let problem = #expect(throws: BuildProblem.self) {
      _ = try unknown.outputShape(for: table.shape)
    }
    #expect(problem?.help == "did you mean 'site'?")
    let images = #expect(throws: BuildProblem.self) {
      _ = try Mixed().outputShape(for: [1, 1, 3])
    }
    #expect(images?.path == ["columns"])
  }

  /// Windows with missing cells: the same as rows of as many columns.
  @Test func `a window counts each of its rows`() throws {
    var table = TableColumns(Self.columns, window: 3)
    table.hasMissing = true
    let likelihood = try mixed(table)
    #expect(try likelihood.outputShape(for: [4, 1, 3]) == [18, 1, 1])
    var flat = TableColumns(Self.columns.flatMap { Array(repeating: $0, count: 3) })
    flat.hasMissing = true
    let rows: [Float] = [0.5, -1, 2, 1, 0, 1, 2, 0, 1, 4, 0, 9]
    let observed: [Float] = [1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 1]
    let numbers = TestNumbers.normal(18, seed: 3)
    let one = try losses(likelihood, table, numbers, rows, observed: observed)
    // The numeric run is one of three, its numbers beside one another as those of three columns are.
    let two = try losses(mixed(flat), flat, numbers, rows, observed: observed)
    #expect(abs(one[0] - two[0]) < 1e-5, "\(one) \(two)")
  }

  /// Nothing that a model learns depends on what stands in the place of a missing cell.
  @Test(arguments: ["vae", "iwae, samples: 3", "ae", "rae", "contractive_ae"])
  func `missing cells change no loss and no gradient`(_ type: String) throws {
    var table = TableColumns(Self.columns)
    table.hasMissing = true
    let model: any Model = try network(
      .model, "{ type: \(type), latent: 2, likelihood: mixed, missing: { tell: true } }")
    let observed: [Float] = [1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1]
    func run(_ hidden: Float) throws -> GraphRun {
      let rows: [Float] = [0.5, 1, 2, 4, 1.5, 0, 0, 2, -1, 1, 1, 0]
      let values = zip(rows, observed).map { $1 == 0 ? hidden : $0 }
      let shape = table.shape.batched(3)
      return try GraphRun([(shape, values), (shape, observed)]) { graph, t in
        let scope = Scope(graph, data: facts(table))
        let batch = Batch(3, in: scope).with(t[0], observed: t[1])
        return try model.loss(batch, in: LossPass(scope: scope)).total
      }
    }
    let (one, two) = try (run(0), run(3))
    #expect(one.output == two.output && one.output[0].isFinite)
    for spec in one.parameters.specs {
      let gradients = [one, two].map {
        $0.parameters.gradient(of: spec.name).map { Array($0.values) }
      }
      #expect(gradients[0] == gradients[1], "\(spec.name)")
    }
    for (place, gradient) in two.inputGradients[0].enumerated() where observed[place] == 0 {
      #expect(gradient == 0)
    }
  }

  private struct Case: Encodable {
    struct Column: Encodable {
      var name, kind: String
      var levels: [String]
    }
    var path: String
    var columns: [Column]
    var rows, train: [Int]
    var numbers: [Float]
    var logScales, logDispersions: [Float]
  }

  private struct Answer: Decodable {
    var shown: [[Double]]
    var losses, byNumbers, byScales, byDispersions: [Double]
  }

  /// From the file on: standardization, what is shown, losses and gradients of a table with missing cells.
  @Test(.needs(.pyTorch)) func `is PyTorch's, from the file to the gradients`() throws {
    var dataset = CSVDataset()
    let path = packageFolder + "/experiments/data/penguins.csv"
    (dataset.path, dataset.labels, dataset.ignore) = (WrittenPath(path), "species", ["id"])
    (dataset.heldOut.test, dataset.split.validation) = (0.2, 0.1)
    let splits = try DataSplits(
      dataset.load(DataEnvironment(allowsDownload: false)), dataset.split)
    let set = splits.images
    let table = try #require(set.table)
    #expect(table.columns.count == 7 && table.hasMissing)
    let likelihood = try mixed(table)
    let output = try likelihood.outputShape(for: table.shape)
    let numbers = TestNumbers.normal(set.count * output.count, seed: 8)
    let answer = try answer(
      Case(
        path: path,
        columns: table.columns.map {
          .init(name: $0.name, kind: $0.kind.rawValue, levels: $0.levels)
        },
        rows: (0..<set.count).map(set.row), train: splits.train.map(set.row), numbers: numbers,
        logScales: [0, 0, 0, 0], logDispersions: [0]))
    let observed = (set.observed ?? []).map { Float($0) }
    let shape = table.shape.batched(set.count)
    let run = GraphRun([
      (output.batched(set.count), numbers), (shape, set.values), (shape, observed),
    ]) { graph, t in
      likelihood.negativeLogLikelihood(
        t[0], images: t[1], observed: t[2], in: Scope(graph, data: facts(table)))
    }
    func agree(_ found: [Float], _ expected: [Double], _ what: String) {
      #expect(found.count == expected.count, "\(what)")
      let scale = max(1, expected.map(abs).max() ?? 1)
      let error = zip(found, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
      #expect(error < 2e-5 * scale, "\(what): \(error) of \(scale)")
    }
    agree(run.output, answer.losses, "losses")
    agree(run.inputGradients[0], answer.byNumbers, "by the decoder's numbers")
    func gradients(_ name: String) -> [Float] {
      table.columns.indices.flatMap { column -> [Float] in
        run.parameters.gradient(of: "\(column).\(name)").map { Array($0.values) } ?? []
      }
    }
    agree(gradients("log_scale"), answer.byScales, "by the scales")
    agree(gradients("log_dispersion"), answer.byDispersions, "by the dispersions")

    let parts = AutoencoderParts()
    var shown: [Float] = []
    let graph = Graph(mode: .evaluation, parameters: ParameterSet())
    let batch = Batch(set.count, in: Scope(graph, data: facts(table)))
    let seen = parts.shown(batch.examples, of: batch)
    let plan = Plan(
      graph, outputs: [seen], store: ParameterStore(graph.parameters), arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: 1), seed: 1))
    _ = plan.input(Batch.examplesInput)?.update(fromContentsOf: set.values)
    _ = plan.input(Batch.observedInput)?.update(fromContentsOf: observed)
    plan.forward()
    shown = Array(plan.value(of: seen))
    agree(shown, answer.shown.flatMap { $0 }, "what is shown")
  }

  private func answer(_ one: Case) throws -> Answer {
    let folder = TemporaryFolder()
    let file = try folder.write(
      String(decoding: try JSONEncoder().encode(one), as: UTF8.self), to: "case.json")
    let printed = try Python.run(file: packageFolder + "/Tests/Python/tables.py", [file])
    return try JSONDecoder().decode(Answer.self, from: Data(printed.utf8))
  }
}
