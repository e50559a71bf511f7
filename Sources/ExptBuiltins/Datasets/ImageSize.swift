public import ExptComponents
public import ExptDocument

/// A height and a width in pixels: `size: 64` for both, or `size: [48, 64]`.
public struct ImageSize: SettingValue, Hashable {
  public var height: Int
  public var width: Int

  public init(height: Int, width: Int) { (self.height, self.width) = (height, width) }

  public static var expectation: String { "a whole number, or [height, width]" }

  public static func read(_ node: Node) -> ImageSize? {
    if let side = Int.read(node) { return ImageSize(height: side, width: side) }
    guard let sides = [Int].read(node), sides.count == 2 else { return nil }
    return ImageSize(height: sides[0], width: sides[1])
  }

  /// `64x48` and `64×48` are widths first almost everywhere, so they are not guessed at.
  public static func mistake(in node: Node) -> ValueMistake {
    ValueMistake(
      node: node, expectation: expectation,
      help: "write 64 for a square of 64×64 pixels, or [48, 64] for 48 rows of 64")
  }

  public var plain: PlainValue {
    height == width
      ? .int(Int64(height)) : .list([.int(Int64(height)), .int(Int64(width))])
  }

  public var numbers: [Double] { [Double(height), Double(width)] }

  public static func schema(limits: Limits) -> PlainValue {
    let pair = PlainValue.mapping([
      PlainEntry("type", .string("array")), PlainEntry("items", Int.schema(limits: limits)),
      PlainEntry("minItems", .int(2)), PlainEntry("maxItems", .int(2)),
    ])
    return .mapping([PlainEntry("anyOf", .list([Int.schema(limits: limits), pair]))])
  }
}

extension ImageSize: ExpressibleByIntegerLiteral, CustomStringConvertible {
  public init(integerLiteral side: Int) { self.init(height: side, width: side) }
  public var description: String { "\(height)×\(width)" }
}
