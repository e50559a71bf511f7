public import ExptDocument

/// Settings drawn at random, a number of times.
///
/// The draws follow from the seed, the number of the draw and the place of the setting in the file.
public struct Draws: Sendable {
  public struct Setting: Sendable {
    public var key: String
    public var keySpan: SourceSpan?
    public var distribution: Distribution
    public var span: SourceSpan?
  }

  public var count: Int
  public var seed: UInt64
  public var settings: [Setting]

  /// The `number`th point.
  func point(_ number: Int) -> [Assignment] {
    settings.enumerated().map { place, setting in
      var random = SplitMix64(seed, UInt64(number), UInt64(place))
      return Assignment(
        key: setting.key, keySpan: setting.keySpan,
        value: setting.distribution.value(at: random.unit(), span: setting.span))
    }
  }
}
