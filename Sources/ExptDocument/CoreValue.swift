/// What a node means under the YAML 1.2 core schema, however it is spelt: `True` is `true`, `~` is
/// null, `5.0` and `0x5` are 5, and the order of a mapping's keys is nothing.
///
/// A mapping that holds a `type` and nothing else is the bare name that is short for it.
public indirect enum CoreValue: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A whole number of up to 64 bits, exact; also one that is written with a point.
  case whole(isNegative: Bool, magnitude: UInt64)
  case number(Double)
  case notANumber
  /// The text's UTF-8: `é` in one scalar and in two are different texts.
  case text([UInt8])
  case list([CoreValue])
  case mapping([[UInt8]: CoreValue])

  public init(_ node: Node) {
    switch node.value {
    case .scalar(let scalar): self.init(scalar)
    case .sequence(let elements): self = .list(elements.map { CoreValue($0) })
    case .mapping(let entries):
      if entries.count == 1, entries[0].key == "type",
        case .text(let name) = CoreValue(entries[0].value)
      {
        self = .text(name)
      } else {
        self = .mapping(
          Dictionary(
            entries.map { (Array($0.key.utf8), CoreValue($0.value)) }, uniquingKeysWith: { $1 }))
      }
    }
  }

  public init(_ scalar: Scalar) {
    if scalar.isNull {
      self = .null
    } else if let bool = scalar.bool {
      self = .bool(bool)
    } else if let int = scalar.int {
      self = .whole(isNegative: int < 0, magnitude: UInt64(int.magnitude))
    } else if let unsigned = scalar.unsigned {
      self = .whole(isNegative: false, magnitude: unsigned)
    } else if let double = scalar.double {
      self.init(double)
    } else {
      self = .text(Array(scalar.text.utf8))
    }
  }

  private init(_ double: Double) {
    if double.isNaN {
      self = .notANumber
    } else if let magnitude = UInt64(exactly: abs(double)) {
      self = .whole(isNegative: double < 0, magnitude: magnitude)
    } else {
      self = .number(double)
    }
  }

  /// Of a number, whole or not.
  public var double: Double? {
    switch self {
    case .whole(let isNegative, let magnitude): isNegative ? -Double(magnitude) : Double(magnitude)
    case .number(let value): value
    case .notANumber: .nan
    default: nil
    }
  }
}
