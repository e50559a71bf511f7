import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptTensor
import Testing

@Suite("CIFAR-10")
struct CIFAR10Tests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let names = (1...5).map { "data_batch_\($0).bin" } + ["test_batch.bin"]

  /// Two records, of label and pixels `value` and `value` + 1.
  private func batch(_ value: UInt8) -> [UInt8] {
    [value] + [UInt8](repeating: value, count: 3072) + [value + 1]
      + [UInt8](repeating: value + 1, count: 3072)
  }

  private func writeBatches(to place: String) throws {
    for (index, name) in Self.names.enumerated() {
      try folder.write(batch(UInt8(index)), to: place + name)
    }
  }

  /// A tar archive of plain files, as `tar --format=ustar` writes it.
  private func tar(_ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    func octal(_ number: Int, _ width: Int) -> [UInt8] {
      let digits = String(number, radix: 8)
      return Array((String(repeating: "0", count: width - 1 - digits.count) + digits).utf8) + [0]
    }
    var archive: [UInt8] = []
    for (name, bytes) in files {
      var header = Array(name.utf8) + [UInt8](repeating: 0, count: 100 - name.utf8.count)
      header += octal(0o644, 8) + octal(0, 8) + octal(0, 8) + octal(bytes.count, 12) + octal(0, 12)
      header += Array("        0".utf8) + [UInt8](repeating: 0, count: 100)
      header += Array("ustar\u{0}00".utf8)
      header += [UInt8](repeating: 0, count: 512 - header.count)
      let sum = header.reduce(0) { $0 + Int($1) }
      header.replaceSubrange(148..<156, with: octal(sum, 7) + [0x20])
      archive += header + bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
    }
    return archive + [UInt8](repeating: 0, count: 1024)
  }

  private func expectAll(_ data: LoadedData) {
    #expect(data.train.shape == CIFAR10().imageShape(.offline(folder)))
    #expect(data.train.labels == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5])
    #expect(data.test.labels == [5, 6])
    #expect(data.train.bytes?[3072] == 1 && data.train.bytes?.count == 10 * 3072)
  }

  @Test(arguments: ["cifar10/", "cifar10/cifar-10-batches-bin/"])
  func `batches are read in their order`(place: String) throws {
    try writeBatches(to: place)
    expectAll(try CIFAR10().load(.offline(folder)))
    #expect(try CIFAR10().load(.offline(folder, wanted: .test)).train.count == 0)
  }

  @Test func `the archive is unpacked once`() throws {
    let files = Self.names.enumerated().map { ("cifar-10-batches-bin/" + $1, batch(UInt8($0))) }
    let archive = Gzip.deflate(tar(files + [("cifar-10-batches-bin/readme.html", [1])]))
    try folder.write(archive, to: "cifar10/cifar-10-binary.tar.gz")
    expectAll(try CIFAR10().load(.offline(folder)))
    #expect(try folder.names(in: "cifar10/cifar-10-batches-bin") == Self.names.sorted())
    try folder.write([1], to: "cifar10/cifar-10-binary.tar.gz")
    expectAll(try CIFAR10().load(.offline(folder)))
  }

  @Test func `an archive that lacks a batch, and a truncated batch, are refused`() throws {
    try folder.write(
      Gzip.deflate(tar([("data_batch_1.bin", batch(0))])), to: "cifar10/cifar-10-binary.tar.gz")
    _ = message(of: .missing) { _ = try CIFAR10().load(.offline(folder)) }
    try writeBatches(to: "cifar10/")
    try folder.write(batch(0).dropLast(), to: "cifar10/data_batch_3.bin")
    let sentence = message(of: .malformed) { _ = try CIFAR10().load(.offline(folder)) }
    #expect(sentence.contains("data_batch_3.bin"))
  }

  @Test func `what is missing is said`() {
    let sentence = message(of: .missing) { _ = try CIFAR10().load(.offline(folder)) }
    #expect(sentence.contains("put there: cifar-10-binary.tar.gz"))
  }
}
