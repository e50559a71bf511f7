public import ExptDocument

/// A number of images, or a share of those that there are: `validation: 10000`, `validation: 0.1`.
public enum ImageAmount: SettingValue, Hashable {
  case count(Int)
  /// Above 0 and below 1.
  case share(Double)

  /// How many of this many images are meant: a share is rounded to the nearest number of images.
  public func count(of total: Int) -> Int {
    switch self {
    case .count(let count): count
    case .share(let share): Int((share * Double(total)).rounded())
    }
  }

  public var isZero: Bool { self == .count(0) }

  public static var expectation: String { "a number of images, or a share of them below 1" }

  /// 0.0 is not an image. 1.0 might be one image or all of them, and is refused.
  public static func read(_ node: Node) -> ImageAmount? {
    if let count = Int.read(node) { return .count(count) }
    guard let number = Double.read(node) else { return nil }
    if number == 0 { return .count(0) }
    if number < 1 { return .share(number) }
    return number > 1 ? Int(exactly: number).map(ImageAmount.count) : nil
  }

  public static func mistake(in node: Node) -> ValueMistake {
    ValueMistake(node: node, expectation: expectation, help: help(node))
  }

  private static func help(_ node: Node) -> String? {
    if Double.read(node) == 1 { return "write 1 for one image, or a share below 1, such as 0.1" }
    let text = node.scalar?.text.filter { $0 != " " } ?? ""
    guard text.hasSuffix("%"), let percent = Double(text.dropLast()), (0..<100).contains(percent)
    else { return nil }
    return "write \(percent / 100)"
  }

  public var plain: PlainValue {
    switch self {
    case .count(let count): .int(Int64(count))
    case .share(let share): .double(share)
    }
  }

  public var numbers: [Double] {
    switch self {
    case .count(let count): [Double(count)]
    case .share(let share): [share]
    }
  }

  public static func schema(limits: Limits) -> PlainValue { Double.schema(limits: limits) }
}

extension ImageAmount: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  CustomStringConvertible
{
  public init(integerLiteral count: Int) { self = .count(count) }
  public init(floatLiteral share: Double) { self = .share(share) }

  /// As it is written in an experiment file.
  public var description: String {
    switch self {
    case .count(let count): "\(count)"
    case .share(let share): "\(share)"
    }
  }
}
