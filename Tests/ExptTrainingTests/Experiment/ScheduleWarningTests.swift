import ExptComponents
import ExptDocument
import Testing

@testable import ExptTraining

/// The warnings about an experiment with these settings on its third to sixth line, a line each.
private func warnings(
  beta: String = "1", optimizer: String = "adam", epochs: Int = 30, training: String = ""
) throws -> [String] {
  let text = """
    dataset: test_points
    model:
      type: vae
      beta: \(beta)
    optimizer: \(optimizer)
    training: { epochs: \(epochs)\(training) }
    """
  let file = try ExperimentFile(
    Document.parse(text, file: "e.yaml"), name: "e", catalog: TestRun.catalog)
  return Diagnostics(file.warnings).sorted.map { warning in
    let line = warning.span.map { "\($0.start.line)" } ?? "?"
    return "\(line): \(warning.message); \(warning.help ?? "")"
  }
}

/// `words` in this order in `text`.
private func says(_ text: String?, _ words: String...) -> Bool {
  guard var rest = text?[...] else { return false }
  for word in words {
    guard let range = rest.range(of: word) else { return false }
    rest = rest[range.upperBound...]
  }
  return true
}

@Suite("Warnings of schedules")
struct ScheduleWarningTests {
  private let plateau = "{ type: adam, schedule: { type: reduce_on_plateau, patience: 3 } }"

  @Test func `there are none where nothing can go wrong`() throws {
    #expect(try warnings() == [])
    #expect(try warnings(beta: "{ type: linear, epochs: 30 }") == [])
    #expect(try warnings(beta: "{ type: cyclical, cycles: 3 }") == [])
    #expect(try warnings(beta: "{ type: capacity, epochs: 8 }", optimizer: plateau) == [])
    #expect(
      try warnings(beta: "{ type: linear, epochs: 20 }", training: ", early_stopping: 3") == [])
    #expect(try warnings(optimizer: "{ type: adam, warmup_epochs: 30 }") == [])
    // What cannot act for want of epochs alone is no matter of a schedule.
    #expect(try warnings(optimizer: plateau, epochs: 2, training: ", early_stopping: 5") == [])
  }

  @Test func `a schedule longer than the run, with what it gets to`() throws {
    let linear = try warnings(beta: "{ type: linear, from: 0, to: 4, epochs: 50 }", epochs: 5)
    #expect(linear.count == 1)
    #expect(says(linear.first, "4: ", "longer than the run", "β only reaches 0.4, not 4"))
    #expect(says(linear.first, "at least 50 epochs"))
    let falling = try warnings(beta: "{ type: linear, from: 4, to: 0, epochs: 10 }", epochs: 4)
    #expect(says(falling.first, "β only reaches 2.4, not 0"))
    let capacity = try warnings(beta: "{ type: capacity, to: 25, epochs: 50 }", epochs: 5)
    #expect(capacity.count == 1)
    #expect(says(capacity.first, "the capacity only reaches 2.5, not 25 nats"))
  }

  @Test func `a learning rate's schedule longer than the run`() throws {
    let found = try warnings(
      optimizer: "{ type: adam, learning_rate: 0.01, schedule: { type: polynomial, epochs: 40 } }")
    #expect(found.count == 1)
    #expect(says(found.first, "5: ", "longer than the run", "only reaches 0.0025, not 0"))
    for schedule in ["{ type: polynomial, epochs: 30 }", "polynomial", "one_cycle", "cosine"] {
      #expect(try warnings(optimizer: "{ type: adam, schedule: \(schedule) }") == [])
    }
  }

  @Test func `cycles that end inside an epoch`() throws {
    let found = try warnings(beta: "{ type: cyclical, cycles: 4 }")
    #expect(found.count == 1)
    #expect(says(found.first, "4: the 4 cycles of β do not divide the run's 30 epochs"))
    #expect(try warnings(beta: "{ type: cyclical, cycles: \(Int.max) }").count == 1)
  }

  @Test func `early stopping and plateaus that can never act`() throws {
    let late = try warnings(
      beta: "{ type: linear, epochs: 28 }", optimizer: plateau, training: ", early_stopping: 3")
    #expect(late.count == 2)
    #expect(says(late.first, "5: ", "can never fall on a plateau", "here 2 of 30"))
    #expect(says(late.last, "6: early_stopping can never end this run", "here 2 of 30"))
    let never = try warnings(
      beta: "{ type: cyclical, cycles: 3, ratio: 1 }", training: ", early_stopping: 1")
    #expect(says(never.first, "can never end this run", "here 0 of 30"))
  }

  /// Of each cycle of ten epochs five stand.
  @Test func `early stopping and plateaus that a new cycle sets off`() throws {
    let cyclical = "{ type: cyclical, cycles: 3 }"
    let found = try warnings(beta: cyclical, optimizer: plateau, training: ", early_stopping: 5")
    #expect(found.count == 2)
    #expect(says(found.first, "plateau only because a new cycle of β began", "at least 5"))
    #expect(
      says(found.last, "early_stopping may end the run only because a new cycle", "more than 5"))
    #expect(try warnings(beta: cyclical, training: ", early_stopping: 6") == [])
  }

  @Test func `what components and the whole experiment warn of is one list`() throws {
    let file = try ExperimentFile(
      Document.parse(
        "dataset: test_points\nmodel: { type: vae, beta: { type: linear, epochs: 20 } }"),
      name: "e",
      catalog: TestRun.catalog)
    #expect(file.warnings.count == file.settingWarnings.count + 1)
    #expect(file.warnings.last?.severity == .warning)
  }
}
