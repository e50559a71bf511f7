/// Writes messages in the wire format of protocol buffers, field by field.
///
/// Fields are written in the order of the calls; a field that holds its default is written too.
/// Source: https://protobuf.dev/programming-guides/encoding.
public struct ProtobufMessage: Sendable {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  /// An `int32`, `int64`, `uint64`, `bool` or an enumeration's number.
  public mutating func add(_ field: Int, _ value: Int) {
    key(field, wire: 0)
    variable(UInt64(bitPattern: Int64(value)))
  }

  public mutating func add(_ field: Int, _ value: Double) {
    key(field, wire: 1)
    little(value.bitPattern)
  }

  public mutating func add(_ field: Int, _ value: Float) {
    key(field, wire: 5)
    little(value.bitPattern)
  }

  public mutating func add(_ field: Int, _ value: String) { add(field, Array(value.utf8)) }

  public mutating func add(_ field: Int, _ value: [UInt8]) {
    key(field, wire: 2)
    variable(UInt64(value.count))
    bytes += value
  }

  public mutating func add(_ field: Int, _ message: ProtobufMessage) { add(field, message.bytes) }

  /// Several integers in one field, packed.
  public mutating func add(packed field: Int, _ values: [Int]) {
    var content = ProtobufMessage()
    for value in values { content.variable(UInt64(bitPattern: Int64(value))) }
    add(field, content.bytes)
  }

  private mutating func key(_ field: Int, wire: Int) { variable(UInt64(field << 3 | wire)) }

  private mutating func variable(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func little<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}
