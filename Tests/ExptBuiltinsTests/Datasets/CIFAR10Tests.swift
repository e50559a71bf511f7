import ExptComponents
import ExptFiles
import ExptTensor
import ExptTestSupport
import Testing

@testable import ExptBuiltins

@Suite("CIFAR-10")
struct CIFAR10Tests {
  private let folder: TemporaryFolder

  init() throws { folder = TemporaryFolder() }

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

  @Test func `a bad archive is not unpacked, so that a good one can take its place`() throws {
    func write(_ change: (inout [UInt8]) -> Void) throws {
      var files = Self.names.enumerated().map { ("c/" + $1, batch(UInt8($0))) }
      change(&files[2].1)
      try folder.write(Gzip.deflate(tar(files)), to: "cifar10/cifar-10-binary.tar.gz")
    }
    try write { $0[0] = 10 }
    let label = message(of: .malformed) { _ = try CIFAR10().load(.offline(folder)) }
    #expect(label.contains("cifar-10-binary.tar.gz(c/data_batch_3.bin): holds the label 10"))
    try write { $0.removeLast() }
    _ = message(of: .malformed) { _ = try CIFAR10().load(.offline(folder)) }
    #expect(try folder.names(in: "cifar10") == ["cifar-10-binary.tar.gz"])
    try write { _ in }
    expectAll(try CIFAR10().load(.offline(folder)))
  }

  /// A batch as Python 2 pickled it: protocol 2, a dictionary with an array and a list.
  private func pickle(_ batch: [UInt8]) -> [UInt8] {
    let records = stride(from: 0, to: batch.count, by: 3073).map { batch[$0..<$0 + 3073] }
    func text(_ text: String) -> [UInt8] { [0x55, UInt8(text.utf8.count)] + Array(text.utf8) }
    func name(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }
    func size(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (8 * $0) & 255) } }
    let pixels = records.flatMap { $0.dropFirst() }
    var bytes: [UInt8] = [0x80, 2] + Array("}q\u{1}(".utf8) + text("data")
    bytes += name("numpy.core.multiarray", "_reconstruct") + name("numpy", "ndarray")
    bytes += Array("K\0".utf8) + [0x85] + text("b") + [0x87] + Array("Rq\u{8}(K\u{1}K".utf8)
    bytes += [UInt8(records.count)] + Array("M".utf8) + [0, 12, 0x86] + name("numpy", "dtype")
    bytes += text("u1") + Array("K\0K\u{1}".utf8) + [0x87] + Array("R(K\u{3}".utf8) + text("|")
    bytes += Array("NNNJ".utf8) + size(-1) + Array("J".utf8) + size(-1) + Array("K\0tb".utf8)
    bytes += [0x89] + Array("T".utf8) + size(pixels.count) + pixels + Array("tb".utf8)
    bytes += text("labels") + Array("]q\u{9}(".utf8)
    for record in records { bytes += [0x4b] + record.prefix(1) }
    return bytes + Array("eu.".utf8)
  }

  @Test(arguments: ["cifar10/", "cifar10/cifar-10-batches-py/"])
  func `the Python version is read too`(place: String) throws {
    for (index, name) in Self.names.enumerated() {
      try folder.write(pickle(batch(UInt8(index))), to: place + name.dropLast(4))
    }
    expectAll(try CIFAR10().load(.offline(folder)))
    try folder.write(Array("x\n".utf8), to: place + "data_batch_2")
    let sentence = message(of: .malformed) { _ = try CIFAR10().load(.offline(folder)) }
    #expect(sentence.contains("data_batch_2: this pickle cannot be read"))
  }

  @Test func `a damaged or hostile pickle is refused`() throws {
    let bytes = pickle(batch(0))
    #expect(try CIFAR10Batches.parsePython(bytes, path: "p").labels == [0, 1])
    let hostile: [[UInt8]] = [
      [], [0x80, 2], Array("(((((.".utf8), Array("h\0.".utf8), Array("]e.".utf8),
      Array("cos\nsystem\n(U\u{2}lsR.".utf8), Array("K\u{1}.".utf8), Array("}.".utf8),
      [0x8d] + [UInt8](repeating: 255, count: 8), [0x8a, 200] + [UInt8](repeating: 1, count: 200),
      Array("]".utf8) + [UInt8](repeating: 0x85, count: 1_000_000) + Array(".".utf8),
      Array("]".utf8) + [UInt8](repeating: 0x4e, count: 5) + [UInt8](repeating: 0x61, count: 9),
      Array("]".utf8) + (0..<100_000).flatMap { _ in [0x4e, 0x61] as [UInt8] } + Array(".".utf8),
    ]
    for (number, bytes) in hostile.enumerated() {
      #expect(throws: FileProblem.self, "case \(number)") {
        try CIFAR10Batches.parsePython(bytes, path: "p")
      }
    }
    for count in stride(from: 0, to: bytes.count - 1, by: 97) {
      #expect(throws: FileProblem.self) {
        try CIFAR10Batches.parsePython(Array(bytes.prefix(count)), path: "p")
      }
    }
    var seed: UInt64 = 1
    for _ in 0..<3000 {  // damaged: read or refused, never a trap
      var damaged = bytes.count > 200 ? bytes : []
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      damaged[Int(seed >> 33) % 200] = UInt8(truncatingIfNeeded: seed >> 24)
      _ = try? CIFAR10Batches.parsePython(damaged, path: "p")
    }
  }

  @Test func `what is missing is said`() throws {
    let sentence = message(of: .missing) { _ = try CIFAR10().load(.offline(folder)) }
    #expect(sentence.contains("put into it: cifar-10-binary.tar.gz"))
    try folder.write([1], to: "cifar10/cifar-10-python.tar.gz")
    let python = message(of: .missing) { _ = try CIFAR10().load(.offline(folder)) }
    #expect(python.contains("cifar-10-python.tar.gz is the Python version: unpack it there"))
    #expect(python.contains("it holds cifar-10-python.tar.gz"))
  }

  @Test func `records split into labels and images`() throws {
    var generator = SeededGenerator(10)
    let images = generator.bytes(3 * 3072)
    var batch: [UInt8] = []
    for i in 0..<3 { batch += [UInt8(i * 4)] + images[i * 3072..<(i + 1) * 3072] }
    let parsed = try CIFAR10Batches.parse(batch, path: "a")
    #expect(parsed == CIFAR10Batches(labels: [0, 4, 8], images: images))

    let members = [("data_batch_2.bin", batch), ("x.txt", [1]), ("data_batch_1.bin", batch)]
    let archive = tar(members.map { ("cifar/" + $0.0, $0.1) })
    try AtomicFile.write(Gzip.deflate(archive), to: folder.file("a.tar.gz"))
    let both = try CIFAR10Batches.read(
      ["data_batch_1.bin", "data_batch_2.bin"], inArchive: folder.file("a.tar.gz"))
    #expect(both.labels == [0, 4, 8, 0, 4, 8])
    #expect(both.images == images + images)
    let problem = #expect(throws: FileProblem.self) {
      try CIFAR10Batches.read(["test_batch.bin"], inArchive: folder.file("a.tar.gz"))
    }
    #expect(problem?.message == "the archive does not hold 'test_batch.bin'.")
  }

  @Test func `files of a wrong size or with a wrong label are refused`() {
    for bytes in [
      [], [UInt8](repeating: 0, count: 3074), [10] + [UInt8](repeating: 0, count: 3072),
    ] {
      #expect(throws: FileProblem.self) { try CIFAR10Batches.parse(bytes, path: "a") }
    }
  }
}
