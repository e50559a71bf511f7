import ExptBuiltins
import ExptComponents
import ExptDocument
import ExptTensor
import ExptTesting
import Foundation

/// One way to put the parts of the catalogue together, as a file would.
struct Combination: Hashable, CustomStringConvertible {
  var model: String
  var likelihood: String
  var condition: String
  /// nil for a model that has none.
  var posterior: String?
  var prior: String?

  var description: String {
    [model, posterior, prior, likelihood, condition].compactMap(\.self).joined(separator: " · ")
  }

  /// The experiment, with twelve images for training and four for validation, three steps in all.
  func text(_ parts: PartTexts) -> String {
    var lines = [
      "name: combination",
      "seed: 5",
      "dataset: { type: combined_points, values: \(parts.values(for: likelihood)) }",
      "model:",
      "  type: \(model)",
      "  latent: 3",
    ]
    if parts.has("likelihood", model) {
      lines.append("  likelihood: \(parts.likelihood(likelihood, of: model))")
    }
    if parts.has("encoder", model) {
      lines.append("  encoder: { type: mlp, hidden: [6], activation: tanh }")
    }
    if parts.has("condition", model) {
      lines.append("  condition: \(parts.text("condition", condition))")
    }
    lines += PartTexts.settings[model]?.map { "  \($0)" } ?? []
    if posterior == nil, prior == nil { lines += PartTexts.latents[model]?.map { "  \($0)" } ?? [] }
    if let posterior { lines.append("  posterior: \(parts.text("posterior", posterior))") }
    if let prior { lines.append("  prior: \(parts.text("prior", prior))") }
    lines += [
      "optimizer: { type: adam, learning_rate: 0.001 }",
      "training: { epochs: 1, batch_size: 4 }",
    ]
    return lines.joined(separator: "\n") + "\n"
  }
}

/// How the parts of a catalogue are written: with the settings of their own examples, and small.
struct PartTexts {
  let catalog: Catalog

  /// Settings that keep a part small, in place of its example's.
  private static let small = [
    "vamp": "{ pseudo_inputs: 3 }",
    "gaussian_mixture": "{ components: 3 }",
    "categorical likelihood": "{ levels: 4 }",
    "logistic_mixture": "{ components: 2 }",
    "mixed": "{ columns: [gaussian, beta, laplace], widths: [50, 50, 44] }",
  ]

  /// Settings of models that go with three latents.
  static let settings = [
    "fsq_ae": ["levels: [3, 4, 2]"], "lfq_ae": ["bits: 3"],
    "sparse_ae": ["activation: { type: l1, weight: 0.1 }", "aux_latents: 2", "dead_after: 4"],
    "aae": ["discriminator: { hidden: [5] }"],
    "factor_vae": ["discriminator: { hidden: [6] }"],
    "vae_gan": ["discriminator: { hidden: [5] }"],
    "hierarchical_vae": ["upper: [2]", "between: [5]"],
    "m2_vae": ["classifier: { hidden: [5], activation: tanh }", "labelled: 0.6"],
    "vq_vae": ["codebook: 5", "restart_below: 0.5"],
  ]

  /// The posterior and the prior of models that do not take the default ones.
  static let latents = [
    "joint_vae": [
      "posterior: { type: groups, groups: { style: { latent: 2 }, kind: { latent: 1, "
        + "posterior: { type: categorical, size: 3 } } } }", "prior: groups",
      "choices: { type: capacity, to: 1 }",
    ]
  ]

  /// A sum of patterns has one number for each pixel, and no scale of its own.
  func likelihood(_ id: String, of model: String) -> String {
    model == "sparse_ae" ? id : text("likelihood", id)
  }

  /// Whether a model has a setting.
  func has(_ setting: String, _ model: String) -> Bool {
    let descriptions = catalog.find(model, role: "model").map { $0.settingDescriptions }
    return descriptions?.contains { $0.name == setting } ?? false
  }

  func text(_ role: String, _ id: String) -> String {
    let example = catalog.find(id, role: role).map { type(of: $0).exampleSettings } ?? ""
    let settings = Self.small["\(id) \(role)"] ?? Self.small[id] ?? example
    let written = settings.trimmingCharacters(in: .whitespacesAndNewlines)
    let inside = written.dropFirst().dropLast().trimmingCharacters(in: .whitespacesAndNewlines)
      .replacing("\n", with: " ")
    return inside.isEmpty ? id : "{ type: \(id), \(inside) }"
  }

  /// Which values a likelihood's support has room for.
  func values(for likelihood: String) -> String {
    let text = text("likelihood", likelihood)
    guard let made = try? catalog.make(.likelihood, text) else { return "shares" }
    return made.support.step == 1 ? "counts" : "shares"
  }
}

/// Images of 12×12 thirds, which lie in every bounded support, or of whole numbers from 0 to 3.
struct CombinedPoints: Dataset {
  enum Values: String, NamedChoice { case shares, counts }

  static let id = "combined_points"
  static let summary = "Images for every likelihood, with a class and a factor each."
  static let image: Shape = [1, 12, 12]

  @Group var split = SplitSettings()
  @Setting("Thirds, or whole numbers.") var values: Values = .shares

  init() {}

  init(_ values: Values) { self.values = values }

  func imageShape(_ environment: DataEnvironment) -> Shape { Self.image }

  func annotationFacts(_ environment: DataEnvironment) -> AnnotationFacts {
    AnnotationFacts(classes: 3, factors: ["size"])
  }

  func load(_ environment: DataEnvironment) -> LoadedData {
    var data = LoadedData(train: images(12, part: 0), test: images(4, part: 2))
    data.validation = images(4, part: 1)
    return data
  }

  func images(_ count: Int, part: Int) -> ImageSet {
    let numbers = TestNumbers.uniform(count * Self.image.count, in: 0...1, seed: UInt64(40 + part))
    let pixels = numbers.map { number in
      values == .counts ? (number * number * 4).rounded(.down) : number < 0.6 ? 1.0 / 3 : 2.0 / 3
    }
    return ImageSet(
      shape: Self.image, count: count, pixels: .floats(pixels),
      labels: (0..<count).map { Int32($0 % 3) },
      factors: [("size", (0..<count).map { Float($0 % 3) / 2 })])
  }
}
