public import ExptDocument

/// An amount of memory, `800MB` or `2GiB`; `auto` leaves it to the component.
public enum MemoryAmount: SettingValue, Hashable {
  case auto
  /// At least 1.
  case bytes(Int)

  private static let units: [(name: String, bytes: Int)] = [
    ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000), ("B", 1),
  ]

  public static var expectation: String { "an amount of memory, such as 800MB or 2GB, or auto" }

  public static func read(_ node: Node) -> MemoryAmount? {
    guard let text = node.scalar?.text else { return nil }
    if text == "auto" { return .auto }
    guard let unit = units.first(where: { text.lowercased().hasSuffix($0.name.lowercased()) }),
      let number = Double(text.dropLast(unit.name.count).filter { $0 != " " }),
      let bytes = Int(exactly: (number * Double(unit.bytes)).rounded()), bytes > 0
    else { return nil }
    return .bytes(bytes)
  }

  public static func mistake(in node: Node) -> ValueMistake {
    let number = Int.read(node)
    return ValueMistake(
      node: node, expectation: expectation, help: number.map { "write a unit, such as \($0)MB" })
  }

  public var plain: PlainValue { .string(description) }

  public static func schema(limits: Limits) -> PlainValue {
    .mapping([PlainEntry("type", .string("string"))])
  }
}

extension MemoryAmount: CustomStringConvertible {
  /// As it is written in an experiment file: by the largest unit that it is a multiple of.
  public var description: String {
    guard case .bytes(let bytes) = self else { return "auto" }
    let whole = Self.units.filter { bytes % $0.bytes == 0 }.max { $0.bytes < $1.bytes }
    return whole.map { "\(bytes / $0.bytes)\($0.name)" } ?? "\(bytes)B"
  }
}
