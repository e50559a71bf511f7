/// What is known about a parameter before it has memory.
public struct ParameterSpec: Sendable {
  /// Its full name, as in the checkpoint: `encoder.0.weight`.
  public var name: String
  /// PyTorch's shape: linear `[out, in]`, convolution `[out, in, kh, kw]`.
  public var shape: Shape
  public var initialiser: Initialiser
  /// State follows training without being trained, such as a running mean.
  public var isState: Bool
  /// Whose optimizer trains it: the model's own (""), or that of an opponent by name.
  public var group = ""
}

extension [ParameterSpec] {
  /// The groups of trainable parameters: the model's own first, then the others as they were defined.
  var groups: [String] {
    var groups = [""]
    for spec in self where !spec.isState && !groups.contains(spec.group) {
      groups.append(spec.group)
    }
    return groups
  }
}

/// The parameters of a model, collected while its first graph is recorded.
public final class ParameterSet {
  public private(set) var specs: [ParameterSpec] = []
  private var indices: [String: Int] = [:]

  public init() {}

  /// The number of trainable numbers.
  public private(set) var trainableCount = 0

  public func index(of name: String) -> Int? { indices[name] }

  func define(_ spec: ParameterSpec) -> Int {
    if let index = indices[spec.name] {
      precondition(
        specs[index].shape == spec.shape && specs[index].group == spec.group,
        "\(spec.name) is \(specs[index].shape) of '\(specs[index].group)' and cannot also be "
          + "\(spec.shape) of '\(spec.group)'")
      return index
    }
    specs.append(spec)
    if !spec.isState { trainableCount += spec.shape.count }
    indices[spec.name] = specs.count - 1
    return specs.count - 1
  }
}
