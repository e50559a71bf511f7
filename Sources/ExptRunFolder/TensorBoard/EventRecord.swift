import ExptFiles

/// One record of an event file, as TensorBoard reads it.
///
/// A record is the length of its content, that length's checksum, the content and its checksum; the
/// content is an `Event` message. Source: TensorFlow, `lib/io/record_writer.h` and
/// `core/util/event.proto`.
enum EventRecord {
  /// The first record of every file.
  static func header(wallTime: Double) -> [UInt8] {
    var event = ProtobufMessage()
    event.add(1, wallTime)
    event.add(3, "brain.Event:2")
    return framed(event)
  }

  static func scalar(_ tag: String, _ value: Double, step: Int, wallTime: Double) -> [UInt8] {
    var one = ProtobufMessage()
    one.add(1, tag)
    one.add(2, Float(value))
    return summary(one, step: step, wallTime: wallTime)
  }

  static func image(_ tag: String, _ picture: Image8, step: Int, wallTime: Double) -> [UInt8] {
    var image = ProtobufMessage()
    image.add(1, picture.height)
    image.add(2, picture.width)
    image.add(3, picture.channels)
    image.add(4, PNG.bytes(of: picture))
    var one = ProtobufMessage()
    one.add(1, tag)
    one.add(4, image)
    return summary(one, step: step, wallTime: wallTime)
  }

  private static func summary(_ value: ProtobufMessage, step: Int, wallTime: Double) -> [UInt8] {
    var summary = ProtobufMessage()
    summary.add(1, value)
    var event = ProtobufMessage()
    event.add(1, wallTime)
    event.add(2, step)
    event.add(5, summary)
    return framed(event)
  }

  private static func framed(_ event: ProtobufMessage) -> [UInt8] {
    let length = little(UInt64(event.bytes.count))
    return length + little(masked(length)) + event.bytes + little(masked(event.bytes))
  }

  /// A checksum of data that hold checksums themselves would be weak: this one is turned and moved.
  private static func masked(_ bytes: [UInt8]) -> UInt32 {
    let checksum = CRC32C.checksum(bytes)
    return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }

  private static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
