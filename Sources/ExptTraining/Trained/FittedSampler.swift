public import ExptComponents
public import ExptDocument
import ExptFiles
public import ExptRunFolder

/// A sampler with what it has learned of a run's latents, and the file that keeps both:
/// `RUN/samplers/NAME.safetensors`.
public struct FittedSampler: Sendable {
  public var sampler: any Sampler
  /// What it learned of all latents, or of those of each class by itself.
  public var parts: [Part]
  /// Numbers of a latent.
  public var width: Int
  /// The checkpoint that made the latents: see `TrainedRun.stage`.
  public var stage: String

  public struct Part: Sendable {
    /// The class; nil for all latents together.
    public var label: Int?
    public var arrays: FittedArrays
  }

  /// The classes that it tells apart; nil if it does not.
  public var classes: [Int]? {
    let labels = parts.compactMap(\.label)
    return labels.isEmpty ? nil : labels
  }

  /// What the fits reached, a sentence each; empty where the sampler does not tell.
  public var reached: [String] {
    parts.flatMap { part in
      part.arrays.reached.map { measure in
        part.label.map { "class \($0): \(measure)" } ?? "\(measure)"
      }
    }
  }

  /// Draws latents, `[count, width]`: the same for the same seed.
  ///
  /// - Parameter label: Of which class, where it tells classes apart.
  /// - Throws: `SamplerProblem` where the arrays are not the sampler's, or there is no such class.
  public func draw(_ count: Int, label: Int? = nil, seed: UInt64) throws(SamplerProblem) -> [Float]
  {
    let part = parts.first { $0.label == nil || $0.label == label }
    guard let part else {
      throw SamplerProblem(
        "it was fitted to the classes \((classes ?? []).map(String.init).joined(separator: ", "))"
          + (label.map { ", and not to \($0)" } ?? ""))
    }
    return try sampler.draw(count, from: part.arrays, width: width, seed: seed)
  }

  /// The same at a temperature; nil where the sampler has no standard deviation to scale.
  public func tempered(by temperature: Float) -> FittedSampler? {
    var fitted = self
    for place in parts.indices {
      guard let arrays = sampler.tempered(parts[place].arrays, by: temperature) else { return nil }
      fitted.parts[place].arrays = arrays
    }
    return fitted
  }
}

extension TrainedRun {
  /// Fits a sampler to latents of each image, drawn from its posterior, as many as it asks for; an
  /// autoencoder's code is what it is.
  ///
  /// - Parameters:
  ///   - seed: Of those draws.
  ///   - perClass: Whether to fit it to the latents of each class by itself.
  /// - Throws: `SamplerProblem`.
  public func fit(
    _ sampler: any Sampler, to part: TrainedData.Part, seed: UInt64, perClass: Bool = false
  ) throws(SamplerProblem) -> FittedSampler {
    let draws = (0..<(access.isGenerative ? max(1, sampler.draws) : 1)).map { draw in
      access.drawPosterior(part.images, part.range, draw: draw, seed: seed)
    }
    var parts: [FittedSampler.Part] = []
    for (label, rows) in try groups(of: part, perClass: perClass) {
      let own = draws.map { draw in rows.map { draw.rows($0, width: access.space.width) } ?? draw }
      do {
        let arrays = try sampler.fit(
          FittingData(draws: own, space: access.space, pool: network.run.pool))
        parts.append(FittedSampler.Part(label: label, arrays: arrays))
      } catch {
        throw label.map { SamplerProblem("class \($0): \(error.message)") } ?? error
      }
    }
    return FittedSampler(
      sampler: sampler, parts: parts, width: access.space.width, stage: stage)
  }

  /// All images, or the places of those of each class that there is, in ascending order.
  private func groups(
    of part: TrainedData.Part, perClass: Bool
  ) throws(SamplerProblem) -> [(label: Int?, rows: [Int]?)] {
    guard perClass else { return [(nil, nil)] }
    guard let labels = part.images.labels else {
      throw SamplerProblem("a sampler for each class needs labels, and these images have none")
    }
    var groups: [Int: [Int]] = [:]
    for (row, number) in part.range.enumerated() {
      groups[Int(labels[number]), default: []].append(row)
    }
    return groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Reads a sampler that was fitted to this run.
  ///
  /// - Throws: `FileProblem` where it is missing, damaged or of other latents; `Diagnostics` where its
  ///   settings cannot be read.
  public func sampler(_ name: String, catalog: Catalog) throws -> FittedSampler {
    let path = folder.samplerFile(name)
    guard FilePath.exists(path) else {
      let names = folder.samplers
      let known =
        names.isEmpty
        ? "none is available; 'expt fit' fits one" : "available: \(names.joined(separator: ", "))"
      throw FileProblem(
        .missing, "no sampler '\(name)' was fitted to this run: \(known).", path: folder.path)
    }
    let fitted = try FittedSampler(Safetensors.read(path), path: path, catalog: catalog)
    guard fitted.width == access.space.width else {
      throw FileProblem(
        .malformed,
        "it was fitted to latents of \(fitted.width) numbers, and this run's have "
          + "\(access.space.width).", path: path)
    }
    return fitted
  }
}

extension RunFolder {
  /// The names of the samplers that were fitted to this run.
  public var samplers: [String] {
    let ending = ".safetensors"
    let names = (try? FilePath.names(in: samplersFolder)) ?? []
    return names.filter { $0.hasSuffix(ending) && !$0.hasPrefix(".") }
      .map { String($0.dropLast(ending.count)) }.sorted()
  }
}

// MARK: - The file

extension FittedSampler {
  private static let settingsKey = "expt.sampler"
  private static let widthKey = "expt.latent"
  private static let stageKey = "expt.checkpoint"
  private static let reachedKey = "expt.reached"
  private static let classesKey = "expt.classes"

  /// Of the names of a class's arrays: `class.3.`.
  private static func prefix(_ label: Int) -> String { "class.\(label)." }

  /// Writes the file, with a digest, complete or not at all.
  public func write(to path: String) throws(FileProblem) {
    let settings = YAMLWriter.write([.init("sampler", YAMLWriter.Value(sampler.plain))])
    var file = Safetensors(metadata: [
      Self.settingsKey: settings, Self.widthKey: "\(width)", Self.stageKey: stage,
    ])
    if !reached.isEmpty { file.metadata[Self.reachedKey] = reached.joined(separator: "; ") }
    if let classes {
      file.metadata[Self.classesKey] = classes.map(String.init).joined(separator: " ")
    }
    for part in parts {
      let prefix = part.label.map(Self.prefix) ?? ""
      for array in part.arrays.arrays {
        file.add(prefix + array.name, shape: array.shape, floats: array.values)
      }
    }
    try ExclusiveFolder.makeAll(FilePath.folder(of: path))
    try file.sealed.write(to: path)
  }

  fileprivate init(_ file: Safetensors, path: String, catalog: Catalog) throws {
    guard let settings = file.metadata[Self.settingsKey], let stage = file.metadata[Self.stageKey],
      let width = file.metadata[Self.widthKey].flatMap({ Int($0) })
    else {
      throw FileProblem(
        .malformed, "it does not say which sampler it holds: it was not written by 'expt fit'.",
        path: path)
    }
    let document = try Document.parse(settings, file: path)
    sampler = try catalog.component(.sampler, document.root["sampler"] ?? document.root)
    let tensors = try file.tensors.map { tensor in
      guard let floats = tensor.floats else {
        throw FileProblem(.malformed, "its '\(tensor.name)' is not of type F32.", path: path)
      }
      return FittedArrays.Array(tensor.name, tensor.shape, floats)
    }
    let classes = file.metadata[Self.classesKey]?.split(separator: " ").compactMap { Int($0) }
    parts =
      classes.map { labels in
        labels.map { label in
          let prefix = Self.prefix(label)
          let own = tensors.filter { $0.name.hasPrefix(prefix) }.map { array in
            FittedArrays.Array(
              String(array.name.dropFirst(prefix.count)), array.shape, array.values)
          }
          return Part(label: label, arrays: FittedArrays(own))
        }
      } ?? [Part(label: nil, arrays: FittedArrays(tensors))]
    (self.width, self.stage) = (width, stage)
  }
}

extension FittedArrays.Measure: CustomStringConvertible {
  /// `negative log-likelihood of held-out latents: 12.3456 nats a latent`.
  public var description: String { "\(name): \(Format.fixed(value, 4)) \(unit)" }
}

extension Catalog {
  /// The component that a node describes, by its name or with its settings.
  ///
  /// - Throws: Everything that is wrong with it.
  public func component<Value>(
    _ role: Role<Value>, _ node: Node
  ) throws(Diagnostics) -> Value {
    let reader = SettingsReader(catalog: self)
    let component = reader.component(role, from: node, path: NodePath().appending(role.name))
    try reader.diagnostics.throwErrors()
    guard let component else { preconditionFailure("no component, and nothing wrong with it") }
    return component
  }
}

extension [Float] {
  /// Some rows of so many numbers.
  fileprivate func rows(_ places: [Int], width: Int) -> [Float] {
    places.flatMap { self[$0 * width..<($0 + 1) * width] }
  }
}
