import ExptRunFolder
import Testing

@testable import ExptReport

/// Four runs: β 1, 4, 0.5 and a schedule; the last one was interrupted.
private func someRuns() throws -> [RunRecord] {
  var makers: [RunMaker] = []
  for (index, beta) in ["1.0", "4.0", "0.5"].enumerated() {
    var maker = RunMaker()
    maker.name = "vae-\(index)"
    maker.seed = UInt64(index)
    maker.settings = [
      ("model.type", "vae"), ("model.beta", beta), ("model.hidden", "[400, 200]"),
      ("training.epochs", "3"), ("training.shuffle", "true"),
    ]
    maker.losses = [110, 100 + Double(index), 105]
    makers.append(maker)
  }
  var last = makers[0]
  last.name = "other run"
  last.seed = 9
  last.status = .interrupted
  last.settings = [
    ("model.type", "ae"), ("model.beta.type", "linear"), ("model.beta.to", "4.0"),
    ("training.shuffle", "false"),
  ]
  last.losses = []
  return try records(makers + [last])
}

@Suite("Filters on runs")
struct QueryTests {
  @Test(arguments: [
    ("model.beta > 1", "1"), ("model.beta >= 1 and model.beta < 4", "0"),
    ("0.5 <= model.beta < 4", "0 2"), ("1 < model.beta", "1"), ("model.beta == 1.0", "0"),
    ("model.beta == linear", "9"), ("model.beta.type == 'linear'", "9"),
    ("model.beta.value == 4", "1"), ("model.type == ae", "9"), ("model == ae", "9"),
    ("not model.type == ae", "0 1 2"), ("model.type != ae", "0 1 2"),
    ("status == interrupted", "9"), ("status in [finished, failed]", "0 1 2"),
    ("status not in [finished, failed]", "9"), ("seed in [1, 2, 7]", "1 2"),
    ("seed == 0 or seed == 9", "0 9"), ("seed == 0 or seed == 1 and model.beta > 1", "0 1"),
    ("(seed == 0 or seed == 1) and model.beta > 1", "1"), ("name ~ vae", "0 1 2"),
    ("name contains 'other run'", "9"), ("name ~ VAE-1", "1"), ("name == vae-1", "1"),
    ("model.hidden ~ 200", "0 1 2"), ("model.hidden ~ 20", ""), ("training.shuffle", "0 1 2"),
    ("training.shuffle == false", "9"), ("not training.shuffle", "9"),
    ("validation_loss == 105", "0 1 2"), ("last.validation_loss < 106", "0 1 2"),
    ("best.validation_loss < 101.5", "0 1"), ("best.epoch == 2", "0 1 2"),
    ("validation_loss == null", "9"), ("validation_loss > 0", "0 1 2"),
    ("not validation_loss > 0", "9"), ("model.hidden == null", "9"), ("epochs < 3", "9"),
    ("epochs_planned == 3 && !(seed == 1)", "0 2"), ("age < 1h", "0 1 2 9"), ("age > 2d", ""),
    ("best.validation_loss < train_loss", "0 1 2"), ("seed == 1e0", "1"), ("seed < -1", ""),
  ])
  func `keep the runs that they hold for`(_ text: String, _ seeds: String) throws {
    let kept = try Query(text).filter(try someRuns())
    #expect(kept.map { "\($0.seed ?? 0)" }.joined(separator: " ") == seeds)
  }

  @Test(arguments: [
    (
      "model.bta > 1",
      """
      no run here has a setting, metric or field 'model.bta'
        model.bta > 1
        ^~~~~~~~~ did you mean 'model.beta'?
      """
    ),
    (
      "seed == 1 and beta > 1",
      """
      no run here has a setting, metric or field 'beta'
        seed == 1 and beta > 1
                      ^~~~ did you mean 'model.beta'?
      """
    ),
    (
      "validation_loss < tran_loss",
      """
      no run here has a setting, metric or field 'tran_loss'
        validation_loss < tran_loss
                          ^~~~~~~~~ did you mean 'train_loss'?
      """
    ),
    (
      "status == finishd",
      """
      there is no status 'finishd'; there are running, finished, interrupted, failed, unknown, \
      unreadable
        status == finishd
                  ^~~~~~~ did you mean 'finished'?
      """
    ),
    ("seed = 1", "'=' means nothing here\n  seed = 1\n       ^ write =="),
    ("seed == 1 seed", "this is one thing too many\n  seed == 1 seed\n            ^~~~ join"),
    ("(seed == 1", "a ')' should stand here\n  (seed == 1\n            ^"),
    ("seed ==", "a name or a value should stand here\n  seed ==\n         ^"),
    ("", "a name or a value should stand here\n  \n  ^"),
    (
      "name == 'x",
      "the text that begins here has no end\n  name == 'x\n          ^~ close it with '"
    ),
    ("seed in 1", "a list should stand here\n  seed in 1\n          ^ such as [1, 2]"),
    ("seed in [1", "a ',' or ']' should stand here\n  seed in [1\n            ^"),
    ("3", "a comparison should stand here\n  3\n   ^ such as == or <"),
    ("seed ==\n== 2", "a name or a value should stand here\n  seed == == 2\n          ^~"),
    ("é == 'ü' ; x", "';' means nothing here\n  é == 'ü' ; x\n           ^"),
  ])
  func `show their mistakes with a caret`(_ text: String, _ message: String) throws {
    let runs = try someRuns()
    let problem = #expect(throws: QueryProblem.self) { try Query(text).filter(runs) }
    #expect(problem?.rendered.hasPrefix(message) == true, "\(problem?.rendered ?? "")")
  }

  @Test func `nested without end are refused, not a crash`() {
    let deep = String(repeating: "(", count: 100_000)
    #expect(throws: QueryProblem.self) { try Query(deep) }
    #expect(throws: QueryProblem.self) { try Query(String(repeating: "not ", count: 5000)) }
  }

  @Test func `without runs know no names and complain of none`() throws {
    #expect(try Query("whatever > 1").filter([]).isEmpty)
  }
}
