import ArgumentParser
import ExptComponents
import ExptData
import ExptFiles
import ExptTraining

/// `expt sample RUN`: decode samples from the prior, or from a fitted sampler.
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Decode latents drawn from the prior, or from a fitted sampler, as a picture.",
    usage: "expt sample <run> [<options>]",
    discussion: """
      Shows the mean image of each latent, or with --draws a draw from the likelihood, in a grid \
      as close to square as possible. A model that is \
      conditioned on labels draws a row for each class, whose columns share their noise, or with \
      --label one class alone; one that is conditioned on factors needs --factor for each. Of a table \
      with named columns it writes rows in the user's units as CSV. Needs no data. Prints the path of each file written.
      """)

  @OptionGroup var trained: TrainedOptions
  @OptionGroup var condition: ConditionOptions
  @OptionGroup var pictures: PictureOptions
  @OptionGroup var drawing: DrawsOption

  @Option(
    name: [
      .customShort("s", allowingJoined: true), .customShort("n", allowingJoined: true),
      .customLong("count"),
    ],
    help: ArgumentHelp("Number of samples; default: 64.", valueName: "number"))
  var count: Int?

  @Option(
    help: ArgumentHelp(
      "Samples of each class, where each class has a row; default: 8.", valueName: "number"))
  var perClass: Int?

  @Option(
    help: ArgumentHelp("The seed of the latents; default: the experiment's.", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Factor on the standard deviation of the prior, or of the sampler.", valueName: "number"))
  var temperature = 1.0

  @Option(
    help: ArgumentHelp(
      "Draw from a sampler fitted by 'expt fit' instead of the prior.", valueName: "name"),
    completion: Completions.fittedSampler)
  var sampler: String?

  private static let most = 65_536

  func validate() throws {
    if let sampler, let problem = FolderName.problem(with: sampler) {
      throw ValidationError("--sampler '\(sampler)' cannot name a file: it \(problem)")
    }
    if count != nil, perClass != nil {
      throw ValidationError(
        "--count is of all samples, --per-class of each class: give one of them")
    }
    try Self.check("--count", count, in: 1...Self.most)
    try Self.check("--per-class", perClass, in: 1...Self.most)
    try Self.check("--temperature", temperature, in: 0...100)
  }

  func run() throws { try printing(make) }

  func make() throws -> [String] {
    let run = try trained.open()
    let seed = seed ?? run.experiment.seed
    let heat = temperature == 1 ? "" : "-temperature-\(temperature)"
    let source = try sampler.map { try LatentSource.fitted(fitted($0, run), $0) } ?? prior(run)
    let layout = try layout(run, source)
    let images = try layout.classes.flatMap { label in
      let told = try told(label, layout.count, run)
      let latents = try source.draw(layout.count, label: label, told: told, seed: seed, of: run)
      return try drawing.decode(latents, given: told, seed: seed, run)
    }
    let name = sampler.map { "-\($0)" } ?? ""
    let stem =
      try "samples\(name)\(condition.suffix)-seed-\(seed)\(heat)\(drawing.suffix)-\(run.stage)"
    if let table = run.network.facts.table {
      let targets = try pictures.files.targets(stem, ["csv"], of: run.folder)
      for target in targets { try table.write(images, to: target.path) }
      return targets.map(\.path)
    }
    let targets = try pictures.targets(stem, of: run)
    let shape = run.access.image
    return try targets.write(
      layout.classes.count > 1
        ? Pictures.grid(images, shape: shape, columns: layout.count)
        : Pictures.square(images, shape: shape))
  }

  /// The classes to draw one after another, nil for none in particular, and how many samples of each.
  private func layout(
    _ run: TrainedRun, _ source: LatentSource
  ) throws -> (classes: [Int?], count: Int) {
    let told = run.access.told
    let classes = told.classes.map { Array(0..<$0) } ?? source.classes
    if let label = condition.label {
      if told.classes == nil, let classes {
        guard classes.contains(label) else {
          throw CommandFailure(
            .usage,
            "--label \(label): the sampler was fitted to the classes "
              + classes.map(String.init).joined(separator: ", "))
        }
      } else if told.classes == nil, let sampler {
        throw CommandFailure(
          .data,
          "the sampler '\(sampler)' was fitted to all classes together: 'expt fit \(run.folder.path) "
            + "--sampler \(sampler) --per-class' fits one for each")
      } else {
        try condition.check(run)
      }
      return ([label], count ?? perClass ?? 64)
    }
    try condition.check(run)
    guard let classes, !classes.isEmpty else {
      if perClass != nil {
        throw CommandFailure(
          .data,
          "\(run.folder.path) is not conditioned on labels, so that its samples have no class for "
            + "--per-class: give --count, or train a model with 'condition: labels'")
      }
      return ([nil], count ?? 64)
    }
    if let count {
      throw CommandFailure(
        .usage,
        "--count \(count): each of \(classes.count) classes has a row; give --per-class, or --label for "
          + "one class alone")
    }
    let each = perClass ?? 8
    guard each * classes.count <= Self.most else {
      throw CommandFailure(
        .usage,
        "--per-class \(each): of \(classes.count) classes that is more than \(Self.most) samples in all"
      )
    }
    return (classes, each)
  }

  /// What the decoder and the prior are told of as many samples.
  private func told(_ label: Int?, _ count: Int, _ run: TrainedRun) throws -> Annotations {
    let told = run.access.told
    let given = try condition.factors
    let missing = told.factors.filter { name in !given.contains { $0.name == name } }
    guard missing.isEmpty else {
      throw CommandFailure(
        .usage,
        "the model is conditioned on \(told.factors.joined(separator: ", ")): give "
          + missing.map { "--factor \($0)=…" }.joined(separator: " "))
    }
    let labels = label.map { Array(repeating: Int32($0), count: count) }
    return try condition.told(Annotations(labels: labels), count: count)
  }

  private func fitted(_ name: String, _ run: TrainedRun) throws -> FittedSampler {
    let fitted = try run.sampler(name, catalog: Expt.catalog)
    if fitted.stage != run.stage {
      Console.warning(
        "the sampler '\(name)' was fitted to the latents of \(fitted.stage), and these weights are "
          + "those of \(run.stage): fit it again")
    }
    guard temperature != 1 else { return fitted }
    guard let tempered = fitted.tempered(by: Float(temperature)) else {
      throw CommandFailure(
        .usage,
        "--temperature \(temperature): the sampler '\(name)' has no standard deviation to scale")
    }
    return tempered
  }

  private func prior(_ run: TrainedRun) throws -> LatentSource {
    guard run.access.isGenerative else {
      throw CommandFailure(
        .data,
        "\(run.folder.path) is an autoencoder ('\(run.manifest.model)'): it has no prior to sample "
          + "from. 'expt fit' fits a sampler to its latents, for --sampler; 'expt interpolate' and "
          + "'expt traverse' show them")
    }
    return .prior(temperature: Float(temperature))
  }
}

/// Where samples come from.
private enum LatentSource {
  case prior(temperature: Float)
  case fitted(FittedSampler, String)

  /// Those that it can draw latents of; nil if it does not tell them apart.
  var classes: [Int]? {
    if case .fitted(let sampler, _) = self { sampler.classes } else { nil }
  }

  func draw(
    _ count: Int, label: Int?, told: Annotations, seed: UInt64, of run: TrainedRun
  ) throws -> [Float] {
    switch self {
    case .prior(let temperature):
      let latents = run.access.drawPrior(
        count, seed: seed, given: told, temperature: temperature)
      guard let latents else {
        throw CommandFailure(
          .usage, "--temperature \(temperature): this prior has no standard deviation to scale")
      }
      return latents
    case .fitted(let sampler, let name):
      do { return try sampler.draw(count, label: label, seed: seed) } catch {
        throw FileProblem(
          .malformed, error.message + ".", path: run.folder.samplerFile(name))
      }
    }
  }
}
