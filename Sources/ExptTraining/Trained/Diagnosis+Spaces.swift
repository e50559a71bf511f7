import ExptComponents

// What only choices, switches and spheres can show.
extension Diagnosis {
  /// A posterior on a sphere with a lower KL hardly says where a latent lies.
  static let nearlyUniformKL = 0.2
  /// A choice with a larger share of one value, over all images, says the same of all.
  static let sameShare = 0.99

  static func spaces(_ encodings: Encodings, _ remedies: Remedies) -> [String] {
    [
      sameChoices(encodings, remedies), idleChoices(encodings, remedies),
      uniformSpheres(encodings, remedies),
    ].compactMap(\.self)
  }

  /// Choices that have a KL, which only says that they are certain, and are the same for all images.
  private static func sameChoices(_ encodings: Encodings, _ remedies: Remedies) -> String? {
    let same = choices(encodings).filter { $0.isCertain && $0.share > sameShare }
    guard let first = same.first else { return nil }
    let subject =
      same.count == 1
      ? "\(first.title) is \(first.value) for \(percent(first.share)) of the images"
      : "\(same.count) of \(choices(encodings).count) \(first.noun) are the same for over 99 % of the images "
        + "(\(names(same)))"
    return subject
      + ": it is used, but tells images apart no more. "
      + advice([
        "raise the temperature of the posterior", remedies.capacity, "lower the learning rate",
        "try another seed",
      ])
  }

  /// Choices without a KL beside other latents that have one.
  private static func idleChoices(_ encodings: Encodings, _ remedies: Remedies) -> String? {
    let all = choices(encodings)
    let idle = all.filter { !$0.isCertain }
    let others = encodings.dimensions.filter { ($0.kl ?? 0) > collapsedKL }
    guard !idle.isEmpty, !others.isEmpty else { return nil }
    return
      (idle.count == 1
      ? "\(idle[0].title) is as uncertain as the prior for every image (KL below \(collapsedKL) nats)"
      : "\(idle.count) of \(all.count) \(idle[0].noun) are as uncertain as the prior for every image (KL below "
        + "\(collapsedKL) nats): \(names(idle))")
      + ", and the other latents carry everything. "
      + advice(["give them fewer dimensions", remedies.lessKL])
  }

  private static func uniformSpheres(_ encodings: Encodings, _ remedies: Remedies) -> String? {
    let spheres = encodings.dimensions.filter { $0.unit.kind == .sphere }
    guard let sphere = spheres.first(where: { ($0.kl ?? 1) < nearlyUniformKL }), let kl = sphere.kl
    else { return nil }
    let concentrations = encodings.parameters.first { name, _ in
      name == "concentration" || name == "\(sphere.unit.name)_concentration"
    }?.values
    let mean = concentrations.map { values in
      "κ is \(Format.fixed(values.reduce(0) { $0 + Double($1) } / Double(max(1, values.count)), 2)) on average, "
    }
    return
      "The posteriors are nearly uniform on the sphere (\(mean ?? "")KL \(Format.fixed(kl, 2)) nats): "
      + "the decoder hears next to nothing of where a latent lies. "
      + advice([remedies.lessKL, remedies.warmUp, "use fewer dimensions"])
  }

  /// A choice, or switch, over all images.
  private struct Choice {
    var unit: LatentUnit
    /// The most frequent of its most probable values, and its share of the images.
    var value: Int
    var share: Double
    /// Whether it has a KL.
    var isCertain: Bool

    var title: String {
      (unit.kind == .bit ? "Switch" : "Choice") + " '\(unit.name)'"
    }
    var noun: String { unit.kind == .bit ? "switches" : "choices" }
  }

  private static func choices(_ encodings: Encodings) -> [Choice] {
    encodings.dimensions.compactMap { dimension in
      let unit = dimension.unit
      guard unit.kind == .choice || unit.kind == .bit, encodings.count > 0 else { return nil }
      var counts = [Int](repeating: 0, count: max(2, unit.numbers.count))
      for image in 0..<encodings.count {
        let start = image * encodings.latent
        let own = encodings.mean[
          start + unit.numbers.lowerBound..<start + unit.numbers.upperBound]
        let value = unit.kind == .bit ? own.first.map { $0 > 0.5 ? 1 : 0 } ?? 0 : unit.mode(of: own)
        counts[value] += 1
      }
      let most = counts.indices.max { counts[$0] < counts[$1] } ?? 0
      return Choice(
        unit: unit, value: most, share: Double(counts[most]) / Double(encodings.count),
        isCertain: (dimension.kl ?? 1) > collapsedKL)
    }
  }

  private static func names(_ choices: [Choice]) -> String {
    choices.prefix(5).map(\.unit.name).joined(separator: ", ") + (choices.count > 5 ? ", …" : "")
  }

  private static func percent(_ share: Double) -> String {
    share == 1 ? "all" : "\(Format.fixed(100 * share, 1)) %"
  }
}
