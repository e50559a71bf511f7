/// The memory of a model's parameters and their gradients.
///
/// Trainable parameters lie one after another, group by group, each on a 64-byte boundary with zeros
/// between, so that an optimizer is one pass over its group's part of `values` and `gradients`. State
/// lies apart.
public final class ParameterStore {
  public let specs: [ParameterSpec]
  /// All trainable parameters, padding included.
  public let values: UnsafeMutableBufferPointer<Float>
  /// The gradient of the loss by each of `values`.
  public let gradients: UnsafeMutableBufferPointer<Float>
  /// Where each group lies in `values`, the model's own first.
  public let groups: [(name: String, range: Range<Int>)]
  /// All state, padding included.
  public let state: UnsafeMutableBufferPointer<Float>
  private let offsets: [Int]
  private let indices: [String: Int]

  /// Lays out the memory, all zero.
  ///
  /// - Parameter regroup: The group of a trainable parameter, where it is to be in another.
  public init(_ parameters: ParameterSet, regroup: (ParameterSpec) -> String? = { _ in nil }) {
    let specs = parameters.specs.map { spec in
      var spec = spec
      if !spec.isState, let group = regroup(spec) { spec.group = group }
      return spec
    }
    self.specs = specs
    var offsets = Array(repeating: 0, count: specs.count)
    func place(_ indices: some Sequence<Int>, from start: Int) -> Range<Int> {
      var end = start
      for index in indices {
        offsets[index] = end
        end += (specs[index].shape.count + 15) / 16 * 16
      }
      return start..<end
    }
    var trainable = 0
    var groups: [(name: String, range: Range<Int>)] = []
    for group in specs.groups {
      let members = specs.indices.filter { !specs[$0].isState && specs[$0].group == group }
      let range = place(members, from: trainable)
      groups.append((group, range))
      trainable = range.upperBound
    }
    let states = place(specs.indices.filter { specs[$0].isState }, from: 0).count
    (self.offsets, self.groups) = (offsets, groups)
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
  public func initialise(seed: UInt64, pool: ThreadPool? = nil) {
    for index in specs.indices {
      let spec = specs[index]
      spec.initialiser.fill(buffer(index).values, seed: seed, name: spec.name, pool: pool)
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

  /// Where a parameter lies in `values`, or in `state`.
  func place(of name: String) -> (isState: Bool, range: Range<Int>)? {
    indices[name].map {
      (specs[$0].isState, offsets[$0]..<offsets[$0] + specs[$0].shape.count)
    }
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
