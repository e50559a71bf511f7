import ExptComponents
import ExptInference
import ExptRunFolder
import ExptTensor

/// The way from image to loss: a model's parts, and what each is computed from.
///
/// A part has what was recorded under a path that begins with its name, `encoder.0`, and the parameters whose
/// names begin with it. Where parameters meet what comes of an image under no path, as those of a flow or of a
/// dictionary do, that step is their part's too. All other steps under no path are between the parts.
struct ExplainedWay {
  private let model: any Model
  private let step: StepGraph
  private var graph: Graph { step.graph }
  /// Parts in the order of computation.
  private var order: [String] = []
  private var inputs: [String: Set<String>] = [:]
  private var outputs: [String: Shape] = [:]
  private var lossInputs: Set<String> = []

  init(_ model: any Model, _ step: StepGraph) {
    self.model = model
    self.step = step
    trace()
  }

  /// What a value of the graph is made of.
  private struct Value {
    /// The parts, `image` and `labels` that it comes of.
    var sources: Set<String> = []
    /// The parts whose parameters it is made of, as long as they have met nothing else.
    var parameters: Set<String> = []
  }

  private mutating func trace() {
    let steps = graph.steps(to: [step.objective])
    let recorded = partsWithPaths(steps)
    var values: [Int: Value] = [:]
    for step in steps {
      var value = Value()
      for input in step.inputs {
        value.sources.formUnion(values[input]?.sources ?? [])
        value.parameters.formUnion(values[input]?.parameters ?? [])
      }
      switch step.origin {
      case .input(let name):
        let given = [Batch.examplesInput: "image", Batch.labelsInput: "labels"]
        value.sources = given[name].map { [$0] } ?? []
      case .parameter(let name):
        if counts(name) { value.parameters = [Self.part(name)] }
      case .view, .operation:
        let known = value.sources.union(value.parameters)
        if !step.path.isEmpty {
          value = enter(Self.part(step.path), from: known, step.shape)
        } else if !value.sources.isEmpty {
          let owner = value.parameters.count == 1 ? value.parameters.first : nil
          if let owner, !recorded.contains(owner), isMap(owner) {
            value = enter(owner, from: known, step.shape)
          } else {
            value = Value(sources: known)
          }
        }
      }
      values[step.number] = value
    }
    let last = values[self.step.objective.number] ?? Value()
    lossInputs = last.sources.union(last.parameters)
    for part in lossInputs.sorted() { place(part) }
    // What the loss does not depend on, such as a scale that is not trained.
    for spec in graph.parameters.specs where !spec.isState { place(Self.part(spec.name)) }
    for layer in graph.layers { place(Self.part(layer.path)) }
  }

  /// A step of a part.
  private mutating func enter(_ part: String, from sources: Set<String>, _ shape: Shape) -> Value {
    place(part)
    for source in sources.subtracting([part]).sorted() { place(source, before: part) }
    inputs[part, default: []].formUnion(sources.subtracting([part]))
    if shape.rank > 1 { outputs[part] = shape.withoutBatch }
    return Value(sources: [part])
  }

  private mutating func place(_ part: String, before other: String? = nil) {
    guard !order.contains(part), !Self.given.contains(part) else { return }
    order.insert(part, at: other.flatMap { order.firstIndex(of: $0) } ?? order.count)
  }

  private static let given = ["image", "labels"]

  private static func part(_ path: String) -> String { String(path.prefix { $0 != "." }) }

  /// The parts that have steps of their own: under a path, and with something of an image in them.
  private func partsWithPaths(_ steps: [Graph.Step]) -> Set<String> {
    var parts: Set<String> = []
    var isOfImage: Set<Int> = []
    for step in steps {
      if case .input = step.origin { isOfImage.insert(step.number) }
      guard step.inputs.contains(where: isOfImage.contains) else { continue }
      isOfImage.insert(step.number)
      if !step.path.isEmpty { parts.insert(Self.part(step.path)) }
    }
    return parts
  }

  /// Whether a parameter is trained, or a state that does something to images, such as a codebook.
  private func counts(_ name: String) -> Bool {
    guard let index = graph.parameters.index(of: name) else { return false }
    let spec = graph.parameters.specs[index]
    return !spec.isState || spec.shape.rank > 1
  }

  /// Whether a part is more than an offset that several parts share.
  private func isMap(_ part: String) -> Bool {
    guard let index = graph.parameters.index(of: part) else { return true }
    return graph.parameters.specs[index].shape.rank > 1
  }
}

// MARK: - As parts of an explanation

extension ExplainedWay {
  var parts: [Explanation.Part] {
    var parts = order.map(part).filter { $0.parameters > 0 || !$0.inputs.isEmpty }
    let kept = Set(parts.map(\.name) + Self.given)
    for index in parts.indices { parts[index].inputs.removeAll { !kept.contains($0) } }
    if let coded = model as? any CodedModel {
      addCodes(of: coded, to: &parts)
    } else {
      addDraw(to: &parts)
    }
    parts.append(
      Explanation.Part(
        name: "loss", output: "1", inputs: sorted(lossInputs.filter(kept.contains))))
    let used = Set(parts.flatMap(\.inputs))
    let given = Self.given.filter(used.contains).map {
      Explanation.Part(
        name: $0, output: $0 == "image" ? step.facts.image.description : "1")
    }
    return given + parts
  }

  private func sorted(_ parts: Set<String>) -> [String] {
    (Self.given + order).filter(parts.contains)
  }

  private func part(_ name: String) -> Explanation.Part {
    let layers = graph.layers.filter { Self.part($0.path) == name }
    let own = graph.parameters.specs.filter { Self.part($0.name) == name }
    let others = own.filter { spec in
      !layers.contains { spec.name == $0.path || spec.name.hasPrefix($0.path + ".") }
        && (model is any FittedModel || counts(spec.name))
    }
    var lines =
      layers.map { $0.words(in: name) }
      + others.map { spec in
        let place = spec.name.dropFirst(name.count + 1)
        return (place.isEmpty ? "" : "\(place): ") + spec.shape.description
      }
    if lines.isEmpty, let component = model.componentsInside.first(where: { $0.setting == name }) {
      lines = [component.component.plain.inWords]
    }
    return Explanation.Part(
      name: name, layers: lines,
      output: layers.isEmpty
        ? outputs[name]?.description ?? "" : layers.last?.output.description ?? "",
      parameters: own.reduce(0) { $0 + ($1.isState ? 0 : $1.shape.count) },
      inputs: sorted(inputs[name] ?? []))
  }

  /// Adds the step from what the encoder says of z to a z.
  private func addDraw(to parts: inout [Explanation.Part]) {
    let latent = model.parts.latent
    guard let head = parts.firstIndex(where: { $0.name == "latent" }),
      let decoder = parts.first(where: { $0.name == "decoder" }),
      let told = told(of: latent, from: parts[head].output)
    else { return }
    let from = decoder.inputs.filter { $0 != "condition" && !Self.given.contains($0) }
    guard let last = parts.lastIndex(where: { from.contains($0.name) }) else { return }
    parts[head].layers.append(told)
    for index in parts.indices.dropFirst(last + 1)
    where parts[index].inputs.contains(where: from.contains) {
      parts[index].inputs.removeAll { from.contains($0) }
      parts[index].inputs.append("z")
    }
    parts.insert(
      Explanation.Part(
        name: "z", layers: ["z ~ q(z|x), \(latent) numbers"], output: "\(latent)", inputs: from),
      at: last + 1)
  }

  /// What the numbers of the layer `latent` are; nil where they are the latents.
  private func told(of latent: Int, from width: String) -> String? {
    let gaussian = "μ and log σ² of \(latent) numbers"
    guard let posterior = (model as? any LatentModel)?.latents.posterior else {
      return width == "\(2 * latent)" ? gaussian : nil
    }
    if posterior.id == "point" { return nil }
    return posterior.id == "gaussian" ? gaussian : "what q(z|x) is made of (\(posterior.id))"
  }

  /// Adds the step from the encoder's numbers to codes.
  private func addCodes(of model: any CodedModel, to parts: inout [Explanation.Part]) {
    let scratch = Scope(
      Graph(mode: .evaluation, parameters: ParameterSet()), data: step.facts)
    guard let pieces = try? model.pieceCount(), let codes = try? model.codes(in: scratch),
      let decoder = parts.firstIndex(where: { $0.name == "decoder" })
    else { return }
    let depth = codes.use.count
    let line =
      "\(pieces == 1 ? "" : "\(pieces) pieces, each of ")\(model.parts.latent / pieces) numbers → "
      + "\(depth == 1 ? "one" : "the sum of \(depth), each one") of \(codes.size) codes"
    if let book = parts.firstIndex(where: { $0.name == "codebook" }) {
      parts[book].layers.insert(line, at: 0)
      let chosen = parts[book].inputs
      parts[decoder].inputs.removeAll { chosen.contains($0) }
      return
    }
    let from = parts[decoder].inputs.filter { $0 == "latent" }
    parts[decoder].inputs = parts[decoder].inputs.filter { $0 != "latent" } + ["codes"]
    parts.insert(
      Explanation.Part(name: "codes", layers: [line], output: "", inputs: from), at: decoder)
  }
}

extension LayerSummary {
  /// What it is, behind its place in a part that has several by name: `up.0: linear 400 → 128, relu`.
  fileprivate func words(in part: String) -> String {
    let place = path.dropFirst(part.count).drop { $0 == "." }
    return place.contains(where: \.isLetter) ? "\(place): \(kind)" : kind
  }
}
