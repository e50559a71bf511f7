import ExptComponents
import ExptData
import ExptFiles
import ExptInference
import ExptTraining

extension OpenModel {
  /// What samples can be drawn from: the prior, by an empty name, and the samplers that were fitted.
  var sources: [JSONValue] {
    let prior: [JSONValue] =
      access.isGenerative
      ? [
        [
          "name": "", "title": "the prior", "classes": .null, "tempered": .bool(isPriorTempered),
          "stale": .null,
        ]
      ] : []
    return prior
      + run.folder.samplers.compactMap { name in
        guard let fitted = try? run.sampler(name, catalog: catalog) else { return nil }
        let classes = access.told.classes == nil ? fitted.classes : nil
        return [
          "name": .string(name), "title": .string("the sampler \(name)"),
          "classes": classes.map { .array($0.map { JSONValue($0) }) } ?? .null,
          "tempered": .bool(fitted.tempered(by: 1) != nil),
          "stale": fitted.stage == run.stage ? .null : .string(fitted.stage),
        ]
      }
  }

  private var isPriorTempered: Bool {
    let told = try? told(Parameters(JSONObject()), count: 1)
    return access.drawPrior(1, seed: 0, given: told, temperature: 0.5) != nil
  }

  /// Samples, of one class where the model is told one, or where the sampler tells them apart.
  func sample(_ parameters: Parameters) throws -> JSONValue {
    let seed = try parameters.seed("seed", default: run.experiment.seed)
    let temperature = try parameters.number("temperature", in: 0...100, default: 1)
    let count = try parameters.whole("count", in: 1...256, default: 64)
    let told = try told(parameters, count: count)
    var command = command("sample")
    command.add("--seed", "\(seed)")
    command.add("--count", "\(count)")
    if temperature != 1 { command.add("--temperature", "\(temperature)") }
    try tell(&command, parameters)
    let latents: [Float]
    if let name = try parameters.text("sampler", longest: 200) {
      guard run.folder.samplers.contains(name) else {
        throw Refusal.missing("no sampler of this name was fitted to this run")
      }
      let fitted = try run.sampler(name, catalog: catalog)
      guard let source = temperature == 1 ? fitted : fitted.tempered(by: Float(temperature)) else {
        throw Refusal(
          409, "the sampler '\(name)' has no standard deviation to scale: leave it at 1")
      }
      let most = (fitted.classes ?? []).max() ?? 0
      let label =
        fitted.classes == nil ? nil : try parameters.whole("label", in: 0...most, default: 0)
      command.add("--sampler", name)
      if let label, told.labels == nil { command.add("--label", "\(label)") }
      do { latents = try source.draw(count, label: label, seed: seed) } catch {
        throw Refusal(409, error.message)
      }
    } else {
      guard access.isGenerative else {
        throw Refusal(409, "this model has no prior to sample from")
      }
      let drawn = access.drawPrior(
        count, seed: seed, given: told, temperature: Float(temperature))
      guard let drawn else {
        throw Refusal(409, "this prior has no standard deviation to scale: leave it at 1")
      }
      latents = drawn
    }
    let picture = Pictures.square(access.decode(latents, given: told), shape: access.image)
    var object = Self.json(picture, command, "samples.png")
    object["latents"] = Self.json(latents)
    return .object(object)
  }
}
