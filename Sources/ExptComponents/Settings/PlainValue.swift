/// Plain data: what YAML and JSON can say. Mappings keep their order.
public indirect enum PlainValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int64)
  case unsigned(UInt64)
  case float(Float)
  case double(Double)
  case string(String)
  case list([PlainValue])
  case mapping([PlainEntry])
}

/// A key of a plain mapping, its value and a remark about it.
public struct PlainEntry: Sendable, Hashable {
  public var key: String
  public var value: PlainValue
  /// Where the value came from, for `resolved.yaml`.
  public var remark: String?

  public init(_ key: String, _ value: PlainValue, remark: String? = nil) {
    self.key = key
    self.value = value
    self.remark = remark
  }
}
