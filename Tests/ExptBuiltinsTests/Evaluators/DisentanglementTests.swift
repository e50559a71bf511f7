import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptTestSupport
import ExptTesting
import Testing

/// Scores that ask whether latents find the factors that made the images.
@Suite("Disentanglement")
struct DisentanglementTests {
  private static let count = 1800

  /// Three factors of 3, 4 and 5 values, each combination equally often, in a mixed order.
  private static let factors: [(name: String, values: [Float])] = {
    let order = (0..<count).map { $0 * 847 % count }  // 847 and 1800 have no factor in common
    return [
      ("shape", order.map { Float($0 % 3) }), ("size", order.map { Float($0 / 3 % 4) / 4 }),
      ("place", order.map { Float($0 / 12 % 5) - 2 }),
    ]
  }()

  private static var identity: [[Float]] { factors.map(\.values) }

  private static var noise: [[Float]] {
    let numbers = TestNumbers.normal(4 * count, seed: 9)
    return (0..<4).map { Array(numbers[$0 * count..<($0 + 1) * count]) }
  }

  /// Each latent a mixture of two factors, and some noise.
  private static var mixed: [[Float]] {
    let (values, noise) = (identity, noise)
    return (0..<4).map { latent in
      (0..<count).map { row in
        values[latent % 3][row] + 0.6 * values[(latent + 1) % 3][row] + 0.4 * noise[latent][row]
      }
    }
  }

  private func score(
    _ text: String, _ codes: [[Float]], labels: Bool = false
  ) throws -> Score {
    let rows = (0..<Self.count).flatMap { row in codes.map { $0[row] } }
    let annotations = Annotations(
      labels: labels ? Self.identity[0].map { Int32($0) } : nil,
      factors: labels ? [] : Self.factors)
    return try builtins.make(.evaluator, text).score(
      of: KnownSubject(codes: rows, width: codes.count, annotations: annotations))
  }

  /// As much as keeps the tests short.
  private static let small = "train: 1000, test: 1000"
  private static let all = [
    "{ type: beta_vae_score, \(small) }", "{ type: factor_vae_score, \(small) }", "modularity",
    "irs", "{ type: dci, trees: 20 }",
  ]

  @Test(arguments: all)
  func `codes that are the factors have a score of 1, in any order and scale`(
    _ text: String
  ) throws {
    for codes in [Self.identity, [Self.identity[2].map { 7 - 3 * $0 }] + Self.identity[..<2]] {
      let score = try score(text, codes)
      #expect(abs(score.numbers[0].value - 1) < 1e-9, "\(text): \(score.numbers)")
    }
  }

  @Test func `codes that are the factors are complete, and tell everything`() throws {
    let score = try score("{ type: dci, trees: 20 }", Self.identity)
    for name in ["dci", "dci_completeness", "dci_informativeness"] {
      let number = try #require(score.numbers.first { $0.name == name })
      #expect(abs(number.value - 1) < 1e-9, "\(number)")
    }
  }

  @Test func `random codes are near chance`() throws {
    func value(_ text: String) throws -> Double { try score(text, Self.noise).numbers[0].value }
    #expect(try (0.23..<0.43).contains(value(Self.all[0])))
    #expect(try (0.23..<0.45).contains(value(Self.all[1])))
    #expect(try value("{ type: dci, trees: 20 }") < 0.25)
    #expect(try value("{ type: sap, form: r2 }") < 0.01)
    #expect(try value("irs") < 0.5)
    #expect(
      try (0.2..<0.45).contains(score("linear_probe", Self.noise, labels: true).numbers[0].value))
  }

  /// By what factor the separate parts of a code are told, the order of the latents does not matter.
  @Test(arguments: all + ["{ type: sap, form: r2 }", "sap"])
  func `permuted latents have the same score`(_ text: String) throws {
    let codes = Self.mixed
    let straight = try score(text, codes).numbers[0].value
    let permuted = try score(text, [codes[2], codes[0], codes[3], codes[1]]).numbers[0].value
    #expect(abs(straight - permuted) < 0.01, "\(straight) \(permuted)")
  }

  /// A latent that is off takes no part; without the threshold it would win every vote.
  @Test func `a dead latent is left out of the votes`() throws {
    let dead = Self.noise[0].map { $0 * 1e-4 }
    let score = try score(Self.all[1], Self.identity + [dead])
    #expect(abs(score.numbers[0].value - 1) < 1e-9)
    let counted = try self.score(
      "{ type: factor_vae_score, \(Self.small), threshold: 0 }",
      Self.identity.map { $0.indices.map { Self.noise[1][$0] } } + [dead])
    #expect(counted.numbers[0].value < 0.6)
  }

  @Test(.needs(.scikitLearn))
  func `scores are those of NumPy and scikit-learn`() throws {
    let folder = TemporaryFolder()
    func write(_ columns: [[Float]], _ name: String) throws -> String {
      let rows = (0..<Self.count).flatMap { row in columns.map { $0[row] } }
      try NPYArray(shape: [Self.count, columns.count], floats: rows).write(to: folder.file(name))
      return folder.file(name)
    }
    let printed = try Python.run(
      file: packageFolder + "/Tests/Python/disentanglement.py",
      [write(Self.mixed, "codes.npy"), write(Self.identity, "factors.npy")])
    var expected: [String: Double] = [:]
    for line in printed.split(separator: "\n") {
      let parts = line.split(separator: " ")
      expected[String(parts[0])] = Double(parts[1])
    }
    func check(
      _ text: String, _ names: [String: String], within tolerance: Double, labels: Bool = false
    ) throws {
      let score = try score(text, Self.mixed, labels: labels)
      for (own, other) in names {
        let number = try #require(score.numbers.first { $0.name == own })
        let value = try #require(expected[other])
        #expect(abs(number.value - value) < tolerance, "\(own): \(number.value), \(value)")
      }
    }
    try check("{ type: sap, form: r2 }", ["sap": "sap_r2"], within: 1e-6)
    try check("sap", ["sap": "sap_svm"], within: 1e-9)
    try check("modularity", ["modularity": "modularity"], within: 1e-9)
    try check("irs", ["irs": "irs"], within: 1e-6)
    try check("linear_probe", ["linear_probe": "linear_probe"], within: 1e-9, labels: true)
    try check(
      "knn_accuracy",
      Dictionary(
        uniqueKeysWithValues: [1, 5, 20].map { ("knn_accuracy_\($0)", "knn_accuracy_\($0)") }),
      within: 1e-9, labels: true)
    // Other trees (256 bins, plain squared error), the same protocol.
    try check(
      "dci",
      [
        "dci": "dci", "dci_completeness": "dci_completeness",
        "dci_informativeness": "dci_informativeness",
      ], within: 0.02)
  }
}
