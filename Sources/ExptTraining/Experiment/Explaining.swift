import ExptComponents
import ExptInference
public import ExptRunFolder
import ExptTensor

extension ExperimentFile {
  /// What the experiment's model is.
  ///
  /// - Throws: What `validated` throws.
  public func explained(_ environment: DataEnvironment) throws -> Explanation {
    Explanation(experiment.model, try validated(environment).recording.step)
  }
}

extension Explanation {
  /// - Parameter step: The model, recorded.
  init(_ model: any Model, _ step: StepGraph) {
    let described = Self.components(of: model).map { Described($0, $1, at: $2) }
    self.init(
      formulas: described.map(\.formula), numbers: described.flatMap(\.numbers),
      parts: step.graph.parts(to: step.objective, image: step.facts.image))
  }

  /// Who says a formula, under which name, and where an experiment file has it.
  private static func components(
    of model: any Model
  ) -> [(role: String, component: any Component, path: String)] {
    var components: [(role: String, component: any Component, path: String)] = [
      ("loss", model, "model")
    ]
    if let model = model as? any LatentModel {
      components += [
        ("posterior", model.latents.posterior, "model.posterior"),
        ("prior", model.latents.prior, "model.prior"),
      ]
    }
    return components + [("likelihood", model.parts.likelihood, "model.likelihood")]
  }

  /// A component's formula, with the values of its settings.
  private struct Described {
    let formula: Formula
    let numbers: [Number]

    init(_ role: String, _ component: any Component, at path: String) {
      let text = component.formula.map { ExptComponents.Formula($0) }
      func value(_ setting: String) -> PlainValue? { component.plain.value(at: setting[...]) }
      formula = Formula(
        role: role, id: component.id, summary: component.summary, symbols: text?.symbols,
        numbers: text?.text { symbol, setting in value(setting)?.constant ?? "\(symbol)(t)" })
      let helps = component.settingDescriptions
      numbers = (text?.places ?? []).map { symbol, setting in
        let name = setting.prefix { $0 != "[" && $0 != "." }
        return Number(
          symbol: symbol, setting: "\(path).\(setting)", value: value(setting)?.inWords ?? "?",
          help: helps.first { $0.name == name }?.help ?? "")
      }
    }
  }
}

extension PlainValue {
  /// The value of a setting, such as `beta` or `upper_beta[0]`.
  fileprivate func value(at path: Substring) -> PlainValue? {
    if path.isEmpty { return self }
    if path.first == "[", let end = path.firstIndex(of: "]"), case .list(let values) = self {
      guard let index = Int(path.dropFirst().prefix { $0 != "]" }), values.indices.contains(index)
      else { return nil }
      return values[index].value(at: path[path.index(after: end)...])
    }
    let path = path.first == "." ? path.dropFirst() : path
    let key = path.prefix { $0 != "[" && $0 != "." }
    guard case .mapping(let entries) = self else { return nil }
    return entries.first { $0.key == key }?.value.value(at: path.dropFirst(key.count))
  }

  private func entry(_ key: String) -> PlainValue? { value(at: key[...]) }

  /// A number that does not change, such as a schedule's that is constant; nil for anything else.
  fileprivate var constant: String? {
    switch self {
    case .mapping:
      entry("type") == .string("constant") ? entry("value")?.constant : nil
    case .null, .list: nil
    default: inWords
    }
  }

  /// `4`, `linear (from 0, to 4, epochs 10)`.
  fileprivate var inWords: String {
    switch self {
    case .null: return "none"
    case .bool(let value): return "\(value)"
    case .int(let value): return "\(value)"
    case .unsigned(let value): return "\(value)"
    case .float(let value): return Self.brief("\(value)")
    case .double(let value): return Self.brief("\(value)")
    case .string(let value): return value
    case .list(let values): return "[\(values.map(\.inWords).joined(separator: ", "))]"
    case .mapping(let entries):
      if let constant { return constant }
      let settings = entries.filter { $0.key != "type" }
        .map { "\($0.key) \($0.value.inWords)" }.joined(separator: ", ")
      guard let type = entry("type") else { return settings }
      return settings.isEmpty ? type.inWords : "\(type.inWords) (\(settings))"
    }
  }

  /// Without `.0`.
  private static func brief(_ number: String) -> String {
    number.hasSuffix(".0") ? String(number.dropLast(2)) : number
  }
}

// MARK: - The way from image to loss

extension LayerSummary {
  /// What it is, behind its place in a part that has several by name: `up.0: linear 400 → 128, relu`.
  fileprivate func words(in part: String) -> String {
    let place = path.dropFirst(part.count).drop { $0 == "." }
    return place.contains(where: \.isLetter) ? "\(place): \(kind)" : kind
  }
}

extension Graph {
  /// The parts of a model that lead to its loss: the first words of the paths of what was recorded.
  fileprivate func parts(to loss: Tensor, image: Shape) -> [Explanation.Part] {
    var sources: [Int: Set<String>] = [:]
    var inputs: [String: Set<String>] = [:]
    var order: [String] = []
    for step in steps(to: [loss]) {
      let from = step.inputs.reduce(into: Set<String>()) { $0.formUnion(sources[$1] ?? []) }
      switch step.origin {
      case .input(let name) where name == Batch.examplesInput:
        sources[step.number] = ["image"]
      case .input(let name) where name == Batch.labelsInput:
        sources[step.number] = ["labels"]
      case .input, .parameter:
        sources[step.number] = []
      case .view, .operation:
        let part = String(step.path.prefix { $0 != "." })
        if part.isEmpty {
          sources[step.number] = from
          continue
        }
        if !order.contains(part) { order.append(part) }
        inputs[part, default: []].formUnion(from.subtracting([part]))
        sources[step.number] = [part]
      }
    }
    let last = sources[loss.number] ?? []
    let given = ["image", "labels"].filter { name in
      last.contains(name) || inputs.values.contains { $0.contains(name) }
    }
    let names = given + order
    func sorted(_ parts: Set<String>) -> [String] { names.filter(parts.contains) }
    return given.map { name in
      Explanation.Part(name: name, output: name == "image" ? image.description : "1")
    }
      + order.map { name in
        let own = layers.filter { $0.path == name || $0.path.hasPrefix(name + ".") }
        return Explanation.Part(
          name: name, layers: own.map { $0.words(in: name) },
          output: own.last?.output.description ?? "",
          parameters: own.reduce(0) { $0 + $1.parameterCount }, inputs: sorted(inputs[name] ?? []))
      } + [Explanation.Part(name: "loss", output: "1", inputs: sorted(last))]
  }
}
