import ArgumentParser
import ExptComponents
import ExptTraining

/// What a conditional model is told of the images that it makes.
struct ConditionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The class to tell a model that is conditioned on labels, from 0.", valueName: "class"))
  var label: Int?

  @Option(
    name: .customLong("factor"), parsing: .singleValue,
    help: ArgumentHelp(
      "A factor to tell a model that is conditioned on factors, such as size=0.5. Repeatable.",
      valueName: "name=value"))
  var written: [String] = []

  func validate() throws { _ = try factors }

  /// In the order given.
  var factors: [(name: String, value: Float)] {
    get throws {
      try written.map { text in
        guard let place = text.lastIndex(of: "="), place > text.startIndex,
          let value = Float(text[text.index(after: place)...]), value.isFinite
        else {
          throw ValidationError("--factor \(text): write a name and a number, such as size=0.5")
        }
        return (String(text[..<place]), value)
      }
    }
  }

  var isGiven: Bool { label != nil || !written.isEmpty }

  /// For names of files: `-label-3`.
  var suffix: String {
    get throws {
      let names = try factors.map {
        "-\($0.name.filter { $0.isLetter || $0.isNumber })-\($0.value)"
      }
      return (label.map { "-label-\($0)" } ?? "") + names.joined()
    }
  }

  /// Checks that the model is told what is given.
  func check(_ run: TrainedRun) throws {
    let told = run.access.told
    if let label {
      guard let classes = told.classes else { throw Self.unconditional(run, on: "labels") }
      try Self.check(label, among: 0..<classes)
    }
    for (name, _) in try factors where !told.factors.contains(name) {
      guard !told.factors.isEmpty else { throw Self.unconditional(run, on: "factors") }
      throw CommandFailure(
        .usage,
        "--factor \(name): the model is told \(told.factors.joined(separator: ", ")), and no '\(name)'"
      )
    }
  }

  static func check(_ label: Int, among classes: Range<Int>) throws(CommandFailure) {
    guard !classes.contains(label) else { return }
    throw CommandFailure(
      .usage, "--label \(label): the classes are 0 to \(classes.upperBound - 1)")
  }

  private static func unconditional(_ run: TrainedRun, on what: String) -> CommandFailure {
    let (option, setting) =
      what == "labels"
      ? ("--label", "condition: labels") : ("--factor", "condition: { type: factors, names: […] }")
    return CommandFailure(
      .data,
      "\(run.folder.path) is not conditioned on \(what), so that it cannot be told any with \(option): "
        + "train a model with '\(setting)', as experiments/conditional_vae_mnist.yaml does with labels"
    )
  }

  /// What is told of as many images: what is given, else what is known of them.
  func told(_ own: Annotations, count: Int) throws -> Annotations {
    var told = own
    if let label { told.labels = Array(repeating: Int32(label), count: count) }
    for (name, value) in try factors {
      told.factors.removeAll { $0.name == name }
      told.factors.append((name, Array(repeating: value, count: count)))
    }
    return told
  }

  /// Says what the decoder is told.
  ///
  /// - Parameter whose: Where a class that is not given comes from: `each image's own`.
  func report(_ run: TrainedRun, whose: String) throws {
    let told = run.access.told
    var said: [String] = []
    if told.classes != nil {
      said.append(label.map { "the class \($0)" } ?? "\(whose) class (--label gives another)")
    }
    let given = try factors
    for name in told.factors {
      let value = given.last { $0.name == name }?.value
      said.append(value.map { "\(name) = \($0)" } ?? "\(whose) \(name) (--factor gives another)")
    }
    if !said.isEmpty { Console.note("the decoder is told \(said.joined(separator: ", "))") }
  }
}
