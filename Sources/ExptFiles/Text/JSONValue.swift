/// A JSON value that keeps the order of keys and the exact text of numbers, so that writing what was
/// read changes nothing.
///
///     let value: JSONValue = ["name": "vae", "seed": 1, "metrics": [0.5, nil]]
///     value["seed"]?.int  // 1
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(JSONNumber)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// The value of a key, where this is an object that has it.
  public subscript(key: String) -> JSONValue? {
    if case .object(let object) = self { object[key] } else { nil }
  }

  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
  public var int: Int? { if case .number(let value) = self { Int(value.text) } else { nil } }
  public var uint64: UInt64? {
    if case .number(let value) = self { UInt64(value.text) } else { nil }
  }

  /// A number, or one of the strings that stand for the numbers JSON lacks: `"NaN"`, `"Infinity"`,
  /// `"-Infinity"`.
  public var double: Double? {
    switch self {
    case .number(let value): Double(value.text)
    case .string("NaN"): .nan
    case .string("Infinity"): .infinity
    case .string("-Infinity"): -.infinity
    default: nil
    }
  }
}

/// A number as it is written. `1` and `1.0` are different texts, and so are not equal.
public struct JSONNumber: Sendable, Hashable {
  public let text: String
  init(text: String) { self.text = text }
}

extension JSONValue {
  public init<Value: FixedWidthInteger>(_ value: Value) {
    self = .number(JSONNumber(text: value.description))
  }

  /// The shortest text that reads back as the same Double. NaN and the infinities, which JSON lacks,
  /// become the strings `"NaN"`, `"Infinity"` and `"-Infinity"`, so that any JSON reader takes the
  /// file and nothing is hidden.
  public init(_ value: Double) {
    if value.isNaN {
      self = .string("NaN")
    } else if value.isInfinite {
      self = .string(value < 0 ? "-Infinity" : "Infinity")
    } else {
      self = .number(JSONNumber(text: value.description))
    }
  }

  /// As above: the shortest text that reads back as the same Float.
  public init(_ value: Float) {
    self = value.isFinite ? .number(JSONNumber(text: value.description)) : JSONValue(Double(value))
  }
}

/// Keys and values in the order they were added; setting a key that is there keeps its place.
public struct JSONObject: Sendable, Hashable {
  public private(set) var members: [Member] = []
  /// Where the keys are, once there are many; a few are found sooner by looking at each.
  private var places: [String: Int] = [:]

  public struct Member: Sendable, Hashable {
    public var key: String
    public var value: JSONValue
  }

  public init() {}

  public subscript(key: String) -> JSONValue? {
    get { place(of: key).map { members[$0].value } }
    set {
      switch (place(of: key), newValue) {
      case (let place?, let value?): members[place].value = value
      case (nil, let value?):
        members.append(Member(key: key, value: value))
        if !places.isEmpty { places[key] = members.count - 1 } else { index() }
      case (let place?, nil):
        members.remove(at: place)
        places = [:]
        index()
      case (nil, nil): break
      }
    }
  }

  public static func == (a: JSONObject, b: JSONObject) -> Bool { a.members == b.members }
  public func hash(into hasher: inout Hasher) { hasher.combine(members) }

  private func place(of key: String) -> Int? {
    places.isEmpty ? members.firstIndex { $0.key == key } : places[key]
  }

  private mutating func index() {
    guard members.count > 16 else { return }
    for (place, member) in members.enumerated() { places[member.key] = place }
  }

  /// This object with `other`'s values on top; objects on both sides are merged likewise.
  public func merging(_ other: JSONObject) -> JSONObject {
    var merged = self
    for member in other.members {
      if let old = merged[member.key]?.object, let new = member.value.object {
        merged[member.key] = .object(old.merging(new))
      } else {
        merged[member.key] = member.value
      }
    }
    return merged
  }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
  ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    var object = JSONObject()
    for (key, value) in elements { object[key] = value }
    self = .object(object)
  }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int) { self.init(value) }
  public init(floatLiteral value: Double) { self.init(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(nilLiteral: ()) { self = .null }
}
