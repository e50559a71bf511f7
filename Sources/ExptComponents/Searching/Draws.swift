import ExptDocument

/// Settings drawn at random, a number of times.
///
/// The draws follow from the seed, the number of the draw and the place of the setting in the file.
public struct Draws: Sendable {
  public struct Setting: Sendable {
    public var key: String
    public var keySpan: SourceSpan?
    public var distribution: ValueDistribution
    public var span: SourceSpan?

    public init(
      key: String, keySpan: SourceSpan? = nil, distribution: ValueDistribution,
      span: SourceSpan? = nil
    ) {
      self.key = key
      self.keySpan = keySpan
      self.distribution = distribution
      self.span = span
    }
  }

  public var count: Int
  public var seed: UInt64
  public var settings: [Setting]

  public init(count: Int, seed: UInt64, settings: [Setting]) {
    self.count = count
    self.seed = seed
    self.settings = settings
  }

  /// The `number`th point.
  public func point(_ number: Int) -> [Assignment] {
    point(
      at: settings.indices.map { place in
        var random = SplitMix64(seed, UInt64(number), UInt64(place))
        return random.unit()
      })
  }

  /// The point at a position from 0 to 1 in the range of each setting.
  public func point(at positions: [Double]) -> [Assignment] {
    zip(settings, positions).map { setting, position in
      Assignment(
        key: setting.key, keySpan: setting.keySpan,
        value: setting.distribution.value(at: min(position, 1 - 0x1p-53), span: setting.span))
    }
  }
}

/// A setting with the value that a point gives it.
public struct Assignment: Sendable {
  public var key: String
  public var keySpan: SourceSpan?
  public var value: Node

  public init(key: String, keySpan: SourceSpan? = nil, value: Node) {
    self.key = key
    self.keySpan = keySpan
    self.value = value
  }

  /// The value on one line, as YAML, numbers in their shortest form: for tables.
  public var text: String { value.shortFlowText }

  /// What is compared: not how the value is spelt.
  public var meaning: CoreValue { CoreValue(value) }
}
