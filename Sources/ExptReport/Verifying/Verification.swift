public import ExptFiles

/// What experiments came to beside what was expected of them.
public struct Verification: Sendable {
  /// One number beside what it should be.
  public struct Outcome: Sendable {
    public enum Verdict: String, Sendable {
      case reproduced
      case notReproduced = "not_reproduced"
      /// What is only remembered decides nothing.
      case shown
      /// It was not measured: `reason` says why.
      case notMeasured = "not_measured"
    }

    /// The check's key in the file.
    public var name: String
    /// `validation_loss, epoch 7`.
    public var quantity: String
    /// The mean over the seeds.
    public var measured: Double?
    /// Of the mean over the seeds; nil for one seed.
    public var standardError: Double?
    /// `published 106.66 (± 0.6)`.
    public var expected: String
    public var unit: String
    public var source: String
    public var certainty: String
    public var verdict: Verdict
    public var reason: String?

    public init(
      name: String, quantity: String, measured: Double?, standardError: Double? = nil,
      expected: String, unit: String, source: String, certainty: String, verdict: Verdict,
      reason: String? = nil
    ) {
      self.name = name
      self.quantity = quantity
      self.measured = measured
      self.standardError = standardError
      self.expected = expected
      self.unit = unit
      self.source = source
      self.certainty = certainty
      self.verdict = verdict
      self.reason = reason
    }

    /// `reproduced: 106.9 nats, published 106.66 (± 0.6)`.
    public var sentence: String {
      guard let measured else { return "not measured: \(reason ?? "there is no such number")" }
      let number =
        Words.significant(measured, 5)
        + (standardError.map { " ± \(Words.significant($0, 2))" } ?? "")
        + (unit.isEmpty ? "" : " \(unit)")
      let lead =
        switch verdict {
        case .reproduced: "reproduced"
        case .notReproduced: "NOT reproduced"
        case .shown: "not judged"
        case .notMeasured: "not measured"
        }
      return "\(lead): \(number), \(expected)" + (reason.map { "; \($0)" } ?? "")
    }
  }

  /// The checks of one experiment.
  public struct Item: Sendable {
    /// The file without its folder and ending.
    public var name: String
    public var file: String
    public var tier: String
    public var claim: String
    /// Run folders, one a seed.
    public var runs: [String]
    /// Seconds of training, of all seeds.
    public var seconds: Double
    public var outcomes: [Outcome]

    public init(
      name: String, file: String, tier: String, claim: String, runs: [String], seconds: Double,
      outcomes: [Outcome]
    ) {
      self.name = name
      self.file = file
      self.tier = tier
      self.claim = claim
      self.runs = runs
      self.seconds = seconds
      self.outcomes = outcomes
    }
  }

  public var items: [Item]

  public init(_ items: [Item]) { self.items = items }

  private var outcomes: [Outcome] { items.flatMap(\.outcomes) }

  /// Whether everything that was to be measured was, and nothing missed what was expected.
  public var isReproduced: Bool {
    outcomes.allSatisfy { $0.verdict == .reproduced || $0.verdict == .shown }
  }

  /// `11 of 12 checks reproduced, 1 not judged`.
  public var summary: String {
    func count(_ verdict: Outcome.Verdict) -> Int { outcomes.count { $0.verdict == verdict } }
    let judged = outcomes.count - count(.shown)
    var parts = ["\(count(.reproduced)) of \(Words.count(judged, "check")) reproduced"]
    for (verdict, words) in [
      (Outcome.Verdict.notReproduced, "NOT reproduced"), (.notMeasured, "not measured"),
      (.shown, "not judged"),
    ] where count(verdict) > 0 { parts.append("\(count(verdict)) \(words)") }
    return parts.joined(separator: ", ")
  }

  /// For a terminal: a block for each experiment.
  public var text: String {
    let blocks = items.map { item in
      let time = "\(item.tier), \(Words.duration(item.seconds)) of training"
      let lines = item.outcomes.map { Words.printable("  \($0.name): \($0.sentence)") }
      return ([Words.printable("\(item.name): \(item.claim) (\(time))")] + lines)
        .joined(separator: "\n")
    }
    return (blocks + [summary]).joined(separator: "\n\n")
  }

  /// `verify.json`.
  public func json(version: String) -> JSONValue {
    [
      "expt": .string(version), "reproduced": .bool(isReproduced), "summary": .string(summary),
      "experiments": .array(items.map(\.json)),
    ]
  }
}

extension Verification.Item {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "file": .string(file), "tier": .string(tier),
      "claim": .string(claim), "runs": .array(runs.map { .string($0) }),
      "seconds": JSONValue(seconds), "checks": .array(outcomes.map(\.json)),
    ]
  }
}

extension Verification.Outcome {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "quantity": .string(quantity),
      "measured": measured.map { JSONValue($0) } ?? .null,
      "standard_error": standardError.map { JSONValue($0) } ?? .null,
      "expected": .string(expected), "unit": .string(unit), "source": .string(source),
      "certainty": .string(certainty), "verdict": .string(verdict.rawValue),
      "reason": reason.map { .string($0) } ?? .null,
    ]
  }
}
