/// The memory of a model's parameters and their gradients.
///
/// Trainable parameters lie one after another, each on a 64-byte boundary with zeros between, so
/// that the optimizer is one pass over `values` and `gradients`. State lies apart.
public final class ParameterStore {
  public let specs: [ParameterSpec]
  /// All trainable parameters, padding included.
  public let values: UnsafeMutableBufferPointer<Float>
  /// The gradient of the loss by each of `values`.
  public let gradients: UnsafeMutableBufferPointer<Float>
  private let state: UnsafeMutableBufferPointer<Float>
  private let offsets: [Int]
  private let indices: [String: Int]

  /// Lays out the memory, all zero.
  public init(_ parameters: ParameterSet) {
    specs = parameters.specs
    var trainable = 0
    var states = 0
    offsets = specs.map { spec in
      let padded = (spec.shape.count + 15) / 16 * 16
      defer { if spec.isState { states += padded } else { trainable += padded } }
      return spec.isState ? states : trainable
    }
    indices = Dictionary(uniqueKeysWithValues: specs.enumerated().map { ($1.name, $0) })
    values = AlignedMemory.allocate(trainable)
    gradients = AlignedMemory.allocate(trainable)
    state = AlignedMemory.allocate(states)
  }

  deinit {
    AlignedMemory.free(values)
    AlignedMemory.free(gradients)
    AlignedMemory.free(state)
  }

  /// Draws every parameter's first values.
  public func initialise(seed: UInt64) {
    for index in specs.indices {
      let spec = specs[index]
      spec.initialiser.fill(buffer(index).values, seed: seed, name: spec.name)
    }
  }

  /// The values of a parameter by name, or nil if there is none of that name.
  public subscript(name: String) -> Buffer? { indices[name].map(buffer) }

  /// The gradient of a trainable parameter by name.
  public func gradient(of name: String) -> Buffer? { indices[name].flatMap(gradient) }

  /// Where a trainable parameter lies in `values`.
  public func range(of name: String) -> Range<Int>? {
    guard let index = indices[name], !specs[index].isState else { return nil }
    return offsets[index]..<offsets[index] + specs[index].shape.count
  }

  func buffer(_ index: Int) -> Buffer {
    let base = AlignedMemory.base(specs[index].isState ? state : values)
    return Buffer(base + offsets[index], specs[index].shape)
  }

  func gradient(_ index: Int) -> Buffer? {
    guard !specs[index].isState else { return nil }
    return Buffer(AlignedMemory.base(gradients) + offsets[index], specs[index].shape)
  }
}
