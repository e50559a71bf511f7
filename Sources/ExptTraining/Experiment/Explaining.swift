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
    let spoken = Spoken.all(of: model)
    let parameters = step.graph.parameters
    self.init(
      formulas: spoken.map(\.formula), numbers: spoken.flatMap(\.numbers),
      parts: ExplainedWay(model, step).parts, parameters: parameters.trainableCount,
      fitted: model is any FittedModel
        ? parameters.specs.filter(\.isState).reduce(0) { $0 + $1.shape.count } : 0)
  }
}

/// A formula of a model or of one of its parts, with the values of its settings.
private struct Spoken {
  var formula: Explanation.Formula
  var numbers: [Explanation.Number]

  /// A model's formulas, in the order in which they are read.
  static func all(of model: any Model) -> [Spoken] {
    let components = model.componentsInside
    var all = [Spoken("loss", model, at: "model")]
    for role in ["posterior", "prior", "activation", "corruption", "likelihood"] {
      for (setting, component) in components {
        if setting == role {
          all.append(Spoken(role, component, at: "model.\(setting)"))
        } else if setting.hasPrefix(role + "."), component.formula != nil {
          let name = "\(role) of \(owner(of: setting))"
          all.append(Spoken(name, component, at: "model.\(setting)"))
        }
      }
    }
    if let missing = missingPixels(of: model) { all.append(missing) }
    guard let condition = components.first(where: { $0.setting == "condition" })?.component,
      condition.id != "none"
    else { return all }
    let isInPrior = all.contains { $0.formula.symbols?.hasPrefix("p(z|c)") == true }
    let told = Explanation.Formula(
      role: "condition", id: condition.id, summary: condition.summary,
      symbols: "c: what " + (isInPrior ? "encoder, decoder and prior" : "encoder and decoder")
        + " are told of each image", numbers: nil)
    return all.map { $0.given(inPrior: isInPrior) } + [Spoken(formula: told, numbers: [])]
  }

  private init(formula: Explanation.Formula, numbers: [Explanation.Number]) {
    (self.formula, self.numbers) = (formula, numbers)
  }

  private init(_ role: String, _ component: any Component, at path: String) {
    self.init(
      role, id: component.id, summary: component.summary, component.formula, of: component,
      at: path)
  }

  /// - Parameters:
  ///   - text: As `Component.formula`.
  ///   - path: Where an experiment file has `component`, whose settings are in the text.
  private init(
    _ role: String, id: String, summary: String, _ text: String?, of component: any Component,
    at path: String
  ) {
    let text = text.map { Formula($0) }
    let plain = component.plain
    let schedules = Set(
      component.componentsInside.filter { $0.component is any Schedule }.map(\.setting))
    formula = Explanation.Formula(
      role: role, id: id, summary: summary, symbols: text?.symbols,
      numbers: text?.text { symbol, setting in
        guard let value = plain.value(at: setting[...]), value != .null else { return symbol }
        return value.constant ?? (schedules.contains(setting) ? "\(symbol)(t)" : value.inWords)
      })
    numbers = (text?.places ?? []).compactMap { symbol, setting in
      plain.value(at: setting[...]).map {
        Explanation.Number(
          symbol: symbol, setting: "\(path).\(setting)", value: $0.inWords,
          help: component.help(ofSetting: setting) ?? "")
      }
    }
  }

  /// Nil where none are missing.
  private static func missingPixels(of model: any Model) -> Spoken? {
    guard case .float(let share)? = model.plain.value(at: "missing.share"), share > 0 else {
      return nil
    }
    return Spoken(
      "missing", id: "pixels", summary: model.help(ofSetting: "missing") ?? "",
      "m: 0 for a share {r=missing.share} of the pixels of each image, the same in all epochs, else 1\n"
        + "p(x|z) is that of the pixels where m = 1,  the encoder is shown x·m"
        + (model.plain.value(at: "missing.tell") == .bool(true) ? " and m" : ""),
      of: model, at: "model")
  }

  /// `style` of `posterior.groups.style.posterior`, `columns[0]` of `likelihood.columns[0]`.
  private static func owner(of setting: String) -> String {
    let words = setting.split(separator: ".").dropFirst()
    let name = words.first == "groups" ? words.dropFirst().first : words.first
    return String(name ?? "")
  }

  /// With the condition c that encoder and decoder are told, and perhaps the prior.
  private func given(inPrior: Bool) -> Spoken {
    guard formula.role != "missing", !formula.role.hasPrefix("prior") else { return self }
    var told = [
      ("|x)", "|x, c)"), ("|z)", "|z, c)"), ("|zᵢ)", "|zᵢ, c)"), ("μ(x)", "μ(x, c)"),
      ("σ²(x)", "σ²(x, c)"), ("encode(x)", "encode(x, c)"), ("decode(z)", "decode(z, c)"),
    ]
    if inPrior { told += [("p(z)", "p(z|c)"), ("p(zᵢ)", "p(zᵢ|c)")] }
    func telling(_ text: String) -> String {
      told.reduce(text) { $0.replacing($1.0, with: $1.1) }
    }
    var spoken = self
    spoken.formula.symbols = formula.symbols.map(telling)
    spoken.formula.numbers = formula.numbers.map(telling)
    return spoken
  }
}

extension PlainValue {
  /// The value of a setting, such as `beta` or `upper_beta[0]`.
  func value(at path: Substring) -> PlainValue? {
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

  /// A value that does not change, such as a schedule's that is constant; nil for anything else.
  fileprivate var constant: String? {
    switch self {
    case .mapping:
      entry("type") == .string("constant") ? entry("value")?.constant : nil
    case .null: nil
    default: inWords
    }
  }

  /// `4`, `linear (from 0, to 4, epochs 10)`.
  var inWords: String {
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
