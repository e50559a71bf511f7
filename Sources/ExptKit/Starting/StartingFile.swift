import ExptComponents
import ExptDocument
import ExptReport
import ExptTraining

/// An experiment file for data, with a reason for each choice.
struct StartingFile {
  /// The experiment's name.
  let name: String
  let found: FoundData
  /// `a NumPy array, 120 images of 1×28×28`.
  let title: String
  let plan: StartingPlan
  let epochs: Int
  /// Of a first run on two cores, estimated.
  let minutes: Double

  /// Looks at the data, and tries what it would write.
  ///
  /// - Parameters:
  ///   - environment: What data may be looked at with.
  ///   - catalog: What the file may name.
  /// - Throws: What `expt check` would say of it.
  init(
    _ found: FoundData, named name: String, _ environment: DataEnvironment, _ catalog: Catalog
  ) throws {
    (self.name, self.found) = (name, found)
    let draft = try Self.read(
      Self.text(found.lines, model: [StartingLine("type", "vae")] + Self.anyNumber(found)), name,
      catalog)
    let survey = try draft.survey(environment)
    title = Self.title(found, survey)
    plan = StartingPlan(found, survey)
    let text =
      Self.text(plan.dataset, model: plan.model)
      + "training: { batch_size: \(plan.batchSize) }\n"
    let file = try Self.read(text, name, catalog)
    let blueprint = try file.validated(environment)
    (epochs, minutes) = plan.epochs(multiplyAdds: blueprint.multiplyAddsPerImage)
    _ = try file.survey(environment)
  }

  private static func title(_ found: FoundData, _ survey: DataSurvey) -> String {
    guard !found.saysCount, let count = survey.parts.first?.count else { return found.title }
    let (number, image) = (Words.grouped(count), survey.image)
    return found.title
      + (survey.isTable
        ? ", \(number) rows of \(image.count) columns" : ", \(number) images of \(image)")
  }

  /// A likelihood that takes whatever the values are.
  private static func anyNumber(_ found: FoundData) -> [StartingLine] {
    [StartingLine("likelihood", found.hasColumns ? "mixed" : "gaussian")]
  }

  private static func read(
    _ text: String, _ name: String, _ catalog: Catalog
  ) throws -> ExperimentFile {
    try ExperimentFile(Document.parse(text, file: "<draft>"), name: name, catalog: catalog)
  }

  private static func text(_ dataset: [StartingLine], model: [StartingLine]) -> String {
    let lines =
      ["dataset:"] + dataset.flatMap { $0.lines(indent: 2) } + ["", "model:"]
      + model.flatMap { $0.lines(indent: 2) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The file's text.
  ///
  /// - Parameter path: Where it will lie.
  func text(at path: String) -> String {
    let file = ShellWord.quoted(path)
    let head =
      StartingLine.comment(
        "A variational autoencoder of \(title). Written by 'expt init'; every line can be changed."
      )
      + ["#"]
      + ["check \(file)", file, "report \(ShellWord.quoted(name))"].map {
        "#     expt \(Words.printable($0))"
      }
      + ["#"]
      + StartingLine.comment(
        "The first run takes \(time) on two cores, by an estimate. 'expt describe' lists what else there "
          + "is: models, likelihoods, layers. Paths start in the folder that expt is started in.")
      + found.remarks.flatMap { StartingLine.comment("Note: \($0).") }
    let every = max(1, epochs / 10)
    let tail =
      [
        "", "optimizer: { type: adam, learning_rate: 1.0e-3 }",
        "training: { epochs: \(epochs), batch_size: \(plan.batchSize) }",
      ]
      + StartingLine.comment(
        plan.showsPictures
          ? "How often it writes checkpoints, and pictures of reconstructions and samples, in epochs."
          : "How often it writes checkpoints, in epochs; pictures of a table say little.")
      + [
        "outputs: { checkpoint_every: \(every), images_every: \(plan.showsPictures ? every : 0) }",
        "",
      ]
    return (head + [StartingLine("name", text: name).yaml, "seed: 1", ""]).joined(separator: "\n")
      + "\n"
      + Self.text(plan.dataset, model: plan.model) + tail.joined(separator: "\n")
  }

  /// `some 4 minutes`, `less than a minute`.
  var time: String {
    minutes < 0.75
      ? "less than a minute"
      : minutes < 1.5
        ? "about a minute"
        : "some \(Int(minutes.rounded())) minutes"
  }
}
