public import ExptComponents
public import ExptDocument
import ExptFiles
public import ExptRunFolder

/// A sampler with what it has learned of a run's latents, and the file that keeps both:
/// `RUN/samplers/NAME.safetensors`.
public struct FittedSampler: Sendable {
  public var sampler: any Sampler
  public var arrays: FittedArrays
  /// Numbers of a latent.
  public var width: Int
  /// The checkpoint that made the latents: see `TrainedRun.stage`.
  public var stage: String

  /// Draws latents, `[count, width]`: the same for the same seed.
  ///
  /// - Throws: `SamplerProblem` where the arrays are not the sampler's.
  public func draw(_ count: Int, seed: UInt64) throws(SamplerProblem) -> [Float] {
    try sampler.draw(count, from: arrays, width: width, seed: seed)
  }
}

extension TrainedRun {
  /// Fits a sampler to latents of each image, drawn from its posterior, as many as it asks for; an
  /// autoencoder's code is what it is.
  ///
  /// - Parameter seed: Of those draws.
  /// - Throws: `SamplerProblem`.
  public func fit(
    _ sampler: any Sampler, to part: TrainedData.Part, seed: UInt64
  ) throws(SamplerProblem) -> FittedSampler {
    let access = access
    let draws = (0..<(access.isGenerative ? max(1, sampler.draws) : 1)).map { draw in
      access.drawPosterior(part.images, part.range, draw: draw, seed: seed)
    }
    let arrays = try sampler.fit(
      FittingData(draws: draws, space: access.space, pool: network.run.pool))
    return FittedSampler(
      sampler: sampler, arrays: arrays, width: access.space.width, stage: stage)
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

  /// Writes the file, with a digest, complete or not at all.
  public func write(to path: String) throws(FileProblem) {
    let settings = YAMLWriter.write([.init("sampler", YAMLWriter.Value(sampler.plain))])
    var file = Safetensors(metadata: [
      Self.settingsKey: settings, Self.widthKey: "\(width)", Self.stageKey: stage,
    ])
    if !arrays.reached.isEmpty {
      file.metadata[Self.reachedKey] = arrays.reached.map(\.description)
        .joined(separator: "; ")
    }
    for array in arrays.arrays { file.add(array.name, shape: array.shape, floats: array.values) }
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
    (arrays, self.width, self.stage) = (FittedArrays(tensors), width, stage)
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
