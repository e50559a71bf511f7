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
    ("seed < -9223372036854775808.0", ""), ("beta > 1", "1"), ("shuffle", "0 1 2"),
    ("beta.to == 4", "9"), ("epochs_planned in [3] and hidden ~ 400", "0 1 2"),
    ("name > 'vae'", "0 1 2"), ("'other' < name < 'vae'", "9"),
    ("'model.beta' > 1", "1"), ("'seed' in [1, 2]", "1 2"), ("'vae-1' == name", "1"),
    ("name == nan", ""), ("seed == '1'", ""), ("training.shuffle == 'true'", ""),
  ])
  func `keep the runs that they hold for`(_ text: String, _ seeds: String) throws {
    let kept = try Query(text).filter(try someRuns())
    #expect(kept.map { "\($0.seed ?? 0)" }.joined(separator: " ") == seeds)
  }

  @Test(arguments: [
    (
      "model.bta > 1",
      """
      none of these runs has a setting, metric or field 'model.bta'
        model.bta > 1
        ^~~~~~~~~ did you mean 'model.beta'?
      """
    ),
    (
      "seed == 1 and bta > 1",
      """
      none of these runs has a setting, metric or field 'bta'
        seed == 1 and bta > 1
                      ^~~ did you mean 'model.beta'?
      """
    ),
    (
      "name == x and type == vae",
      """
      'type' could be model.type, model.beta.type
        name == x and type == vae
                      ^~~~ write the full name
      """
    ),
    (
      "name == a/b",
      """
      '/' means nothing here
        name == a/b
                 ^ put text in quotes: 'a/b'
      """
    ),
    (
      "name == in",
      """
      expected a name or a value
        name == in
                ^~ put text in quotes
      """
    ),
    (
      "validation_loss < tran_loss",
      """
      none of these runs has a setting, metric or field 'tran_loss'
        validation_loss < tran_loss
                          ^~~~~~~~~ did you mean 'train_loss'?
      """
    ),
    (
      "status == finishd",
      """
      there is no status 'finishd'; use one of running, finished, interrupted, failed, unknown, \
      unreadable
        status == finishd
                  ^~~~~~~ did you mean 'finished'?
      """
    ),
    ("seed = 1", "'=' means nothing here\n  seed = 1\n       ^ write =="),
    ("seed == 1 seed", "unexpected text here\n  seed == 1 seed\n            ^~~~ join"),
    ("(seed == 1", "expected ')'\n  (seed == 1\n            ^"),
    ("seed ==", "expected a name or a value\n  seed ==\n         ^"),
    ("", "expected a name or a value\n  \n  ^"),
    (
      "name == 'x",
      "this quoted text is never closed\n  name == 'x\n          ^~ close it with '"
    ),
    ("seed in 1", "expected a list\n  seed in 1\n          ^ such as [1, 2]"),
    ("seed in [1", "expected ',' or ']'\n  seed in [1\n            ^"),
    ("3", "expected a comparison\n  3\n   ^ such as == or <"),
    ("seed ==\n== 2", "expected a name or a value\n  seed == == 2\n          ^~"),
    ("é == 'ü' ; x", "';' means nothing here\n  é == 'ü' ; x\n           ^"),
  ])
  func `show their mistakes with a caret`(_ text: String, _ message: String) throws {
    let runs = try someRuns()
    let problem = #expect(throws: QueryProblem.self) { try Query(text).filter(runs) }
    #expect(problem?.rendered.hasPrefix(message) == true, "\(problem?.rendered ?? "")")
  }

  @Test(arguments: [
    ("name == 2024", "2024"), ("name == 007", "007"), ("name == 7", ""), ("name == 1e5", "1e5"),
    ("name == 100000", ""), ("name == no", "no"), ("name == true", "true"),
    ("name == 1.10", "1.10"), ("name == 2024-01-01", "2024-01-01"),
    ("name == vae+flow", "vae+flow"), ("name in [2024, 007]", "2024 007"), ("name ~ 007", "007"),
    ("name == '2024'", "2024"), ("name == größe", "größe"), ("name == null", ""),
    ("name >= 2024-01-01", "2024-01-01 no true vae+flow größe"),
  ])
  func `find names that look like numbers, truths and dates as they are written`(
    _ text: String, _ names: String
  ) throws {
    let all = [
      "2024", "2024-01-01", "no", "true", "vae+flow", "größe", "007", "1e5", "1.10",
    ]
    let runs = try records(
      all.map { name in
        var maker = RunMaker()
        maker.name = name
        return maker
      })
    #expect(try Query(text).filter(runs).map(\.name).joined(separator: " ") == names)
  }

  @Test(arguments: [
    ("seed == 9007199254740993", "9007199254740993"),
    ("seed == 9007199254740992", "9007199254740992"),
    ("seed != 9007199254740992", "9007199254740993 18446744073709551614 18446744073709551615"),
    ("seed in [18446744073709551615]", "18446744073709551615"),
    ("seed == 18446744073709551616", ""), ("seed > 18446744073709551614", "18446744073709551615"),
    ("9007199254740992 < seed < 1e19", "9007199254740993"),
  ])
  func `tell seeds of 64 bits apart to the last digit`(_ text: String, _ seeds: String) throws {
    let runs = try records(
      [9_007_199_254_740_992, 9_007_199_254_740_993, .max - 1, .max].map { seed in
        var maker = RunMaker()
        maker.seed = seed
        return maker
      })
    let kept = try Query(text).filter(runs).compactMap(\.seed).map(String.init)
    #expect(kept.joined(separator: " ") == seeds)
    let order = try RunListing.sorted(runs.reversed(), by: "seed").compactMap(\.seed)
    #expect(order == runs.compactMap(\.seed))
  }

  @Test(arguments: [
    ("name > 5", "'name' is text in these runs, and > compares numbers with numbers"),
    ("5 < name", "'name' is text in these runs, and < compares numbers with numbers"),
    (
      "shuffle == yes",
      "'training.shuffle' is true or false in these runs, and 'yes' is text"
    ),
    (
      "not training.shuffle != 1",
      "'training.shuffle' is true or false in these runs, and '1' is a number"
    ),
    ("seed == '1'", "'seed' is a number in these runs, and '1' is text: write it without quotes"),
    ("seed in [high]", "'seed' is a number in these runs, and 'high' is text"),
    (
      "hidden == 200",
      "'model.hidden' is a list in these runs, and '200' is a number: 'model.hidden ~ 200' "
        + "searches it"
    ),
    ("seed == 1 or seed", "'seed' is a number in these runs: compare it, as in seed == …"),
    ("seed == 1 and model.beta > 1 and name == 3 and validation_loss == nan", ""),
  ])
  func `hint at comparisons that no run can answer`(_ text: String, _ hint: String) throws {
    let query = try Query(text)
    let runs = try someRuns()
    _ = try query.filter(runs)
    #expect(query.hints(runs).joined(separator: "\n") == hint)
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
