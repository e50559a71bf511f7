import ArgumentParser
import ExptComponents
import ExptFiles
import ExptTraining

/// `expt fit RUN --sampler gmm`: a distribution of a trained model's latents, to sample from.
struct FitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Fit a sampler to the latents of a trained model.",
    usage: "expt fit <run> --sampler <sampler> [<options>]",
    discussion: """
      Takes one latent per training image, or as many as the sampler asks for, drawn from its \
      posterior (or an autoencoder's code), fits the sampler to them, and writes it to \
      RUN/samplers/NAME.safetensors, replacing an earlier one of that name. 'expt sample RUN \
      --sampler NAME' then draws from it. With --per-class, which is the default for a model that \
      is conditioned on labels, each class is fitted by itself, so that 'expt sample' can draw one \
      with --label. This is how \
      to sample from an autoencoder, which has no prior (Ghosh et al. 2020). 'expt describe \
      sampler' lists the samplers. Prints the path, and on stderr what the fit reached, where the \
      sampler tells.
      """)

  @OptionGroup var trained: TrainedOptions

  @Option(
    help: ArgumentHelp(
      "A sampler, such as gmm or '{type: gmm, components: 20}'.", valueName: "sampler"),
    completion: Completions.components(of: "sampler"))
  var sampler: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "A setting of the sampler, such as components=20. Repeatable.", valueName: "key=value"))
  var settings: [String] = []

  @Option(
    help: ArgumentHelp("The sampler's name in the run; default: its type.", valueName: "name"))
  var name: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Fit each class by itself; default: if the model is conditioned on labels.")
  var perClass: Bool?

  @Option(help: ArgumentHelp("The images to fit to.", valueName: "split"))
  var split: Split = .train

  @Option(
    name: .short("n", "limit"),
    help: ArgumentHelp("Only the first N images; default: all.", valueName: "number"))
  var limit: Int?

  @Option(help: ArgumentHelp("The seed of the draws from the posterior.", valueName: "number"))
  var seed: UInt64 = 0

  func validate() throws {
    try Self.check("--limit", limit, in: 1...Int(Int32.max))
    if let name, let problem = FolderName.problem(with: name) {
      throw ValidationError("--name '\(name)' cannot name a file: it \(problem)")
    }
  }

  func run() throws { try printing(make) }

  func make() throws -> [String] {
    let sampler = try ComponentText(sampler, option: "--sampler", settings: settings)
      .read(.sampler)
    let run = try trained.open()
    let part = try run.data(.ofProcess(), warn: Console.warning).part(
      split, limit: limit, isWhole: false)
    let path = run.folder.samplerFile(name ?? sampler.id)
    let isPerClass = perClass ?? (run.access.told.classes != nil)
    let fitted = try run.fit(sampler, to: part, seed: seed, perClass: isPerClass)
    try part.images.checkRead()
    try fitted.write(to: path)
    for sentence in fitted.reached { Console.note(sentence) }
    return [path]
  }
}
