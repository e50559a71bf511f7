import Testing

@testable import ExptFiles

@Suite("Protocol buffers and their checksum")
struct ProtobufTests {
  /// Examples of https://protobuf.dev/programming-guides/encoding.
  @Test func `are written as their documentation shows`() {
    var message = ProtobufMessage()
    message.add(1, 150)
    message.add(2, "testing")
    message.add(packed: 6, [3, 270, 86942])
    #expect(
      message.bytes == [
        0x08, 0x96, 0x01, 0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67, 0x32, 0x06, 0x03,
        0x8e, 0x02, 0x9e, 0xa7, 0x05,
      ])
    var negative = ProtobufMessage()
    negative.add(1, -2)
    #expect(negative.bytes == [0x08, 0xfe] + [UInt8](repeating: 0xff, count: 8) + [0x01])
  }

  /// RFC 3720, appendix B.4.
  @Test func `have the checksums of their standard`() {
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum(Array(0..<32)) == 0x46DD_794E)
  }
}
