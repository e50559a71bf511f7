import ExptTestSupport
import Testing

@testable import ExptFiles

@Suite("Zip archives")
struct ZipTests {
  static func archive(deflated: Bool) throws -> [UInt8] {
    var zip = ZipWriter(path: "a.zip")
    try zip.add("one.txt", Array("hello, hello, hello".utf8), deflated: deflated)
    try zip.add("empty", [], deflated: deflated)
    try zip.add("é", [1, 2, 3], deflated: deflated)
    return zip.finish()
  }

  private func contents(_ bytes: [UInt8]) throws -> [String: [UInt8]] {
    let zip = try ZipReader(bytes, path: "a.zip")
    var contents: [String: [UInt8]] = [:]
    for entry in zip.entries { contents[entry.name] = try zip.extract(entry, limit: 1 << 20) }
    return contents
  }

  @Test(arguments: [false, true])
  func `read back as they were written`(deflated: Bool) throws {
    let read = try contents(Self.archive(deflated: deflated))
    #expect(read == ["one.txt": Array("hello, hello, hello".utf8), "empty": [], "é": [1, 2, 3]])
  }

  @Test(arguments: [false, true])
  func `cut short or damaged are read or refused`(deflated: Bool) throws {
    let bytes = try Self.archive(deflated: deflated)
    try expectTruncationRefused(bytes) { try contents($0) }
    try survivesMutations(bytes) { try contents($0) }
  }

  @Test func `whose entries lie over one another are refused`() throws {
    // One entry, listed three times by the directory.
    var zip = ZipWriter(path: "a.zip")
    try zip.add("a", [UInt8](repeating: 0, count: 1000))
    let bytes = zip.finish()
    let local = Array(bytes[..<1031])
    let central = Array(bytes[1031..<bytes.count - 22])
    var end = Array(bytes.suffix(22))
    (end[8], end[10], end[12]) = (3, 3, UInt8(3 * central.count))
    let problem = #expect(throws: FileProblem.self) {
      try contents(local + central + central + central + end)
    }
    #expect(problem?.message == "its entries overlap.")
  }

  /// Each reader believes another part: where they differ, arrays would be dropped unnoticed.
  @Test func `whose parts disagree are refused`() throws {
    let bytes = try Self.archive(deflated: false)
    let end = bytes.count - 22
    func message(_ change: (inout [UInt8]) -> Void) -> String {
      var changed = bytes
      change(&changed)
      return (#expect(throws: FileProblem.self) { try contents(changed) })?.message ?? ""
    }
    // The end record counts one entry of three, with and without the directory's size to match.
    let first = 46 + 7
    let one = message { ($0[end + 8], $0[end + 10]) = (1, 1) }
    #expect(one.contains("its end record counts 1 entries"))
    let short = message {
      ($0[end + 8], $0[end + 10], $0[end + 12]) = (1, 1, UInt8(first))
    }
    #expect(short.contains("its end record counts 1 entries"))
    // The directory lists one entry of three.
    let start = Int(bytes[end + 16]) | Int(bytes[end + 17]) << 8
    let unlisted = message {
      $0.removeSubrange(start + first..<end)
      let end = $0.count - 22
      ($0[end + 8], $0[end + 10], $0[end + 12]) = (1, 1, UInt8(first))
    }
    #expect(unlisted.contains("holds an entry that its directory does not list"))
    // An entry's own header has another name, size or checksum.
    for place in [30, 14, 18, 22, 8] {
      #expect(message { $0[place] ^= 1 }.contains("disagree"), "byte \(place)")
    }
  }

  @Test func `that unpack to more than is allowed are refused before they are unpacked`() throws {
    var zip = ZipWriter(path: "a.zip")
    try zip.add("a", [UInt8](repeating: 0, count: 2 << 20), deflated: true)
    let problem = #expect(throws: FileProblem.self) { try contents(zip.finish()) }
    #expect(problem?.code == .tooLarge)
  }

  @Test(.needs(.python))
  func `open with Python, and its archives are read, zip64 too`() throws {
    let folder = TemporaryFolder()
    try AtomicFile.write(Self.archive(deflated: true), to: folder.file("ours.zip"))
    let program = """
      import sys, zipfile
      z = zipfile.ZipFile(sys.argv[1])
      print(z.testzip(), [(i.filename, z.read(i)) for i in z.infolist()])
      with zipfile.ZipFile(sys.argv[2], 'w', zipfile.ZIP_DEFLATED) as z:
        with z.open('big', 'w', force_zip64=True) as f: f.write(b'x' * 1000)
        z.writestr(zipfile.ZipInfo('stored'), b'abc')
      z = open(sys.argv[2], 'rb').read()
      e = len(z) - 22
      n, size, start = (int.from_bytes(z[e+a:e+b], 'little') for a, b in ((10,12), (12,16), (16,20)))
      wide = b'PK\\6\\6' + (44).to_bytes(8, 'little') + bytes(12)
      wide += b''.join(v.to_bytes(8, 'little') for v in (n, n, size, start))
      wide += b'PK\\6\\7' + bytes(4) + e.to_bytes(8, 'little') + (1).to_bytes(4, 'little')
      tail = z[e:e+8] + b'\\xff' * 12 + b'\\0\\0'
      open(sys.argv[3], 'wb').write(z[:e] + wide + tail)
      assert zipfile.ZipFile(sys.argv[3]).read('stored') == b'abc'
      """
    let paths = ["ours.zip", "theirs.zip", "wide.zip"].map(folder.file)
    let printed = try Python.run(program, paths)
    #expect(
      printed == "None [('one.txt', b'hello, hello, hello'), ('empty', b''), "
        + "('é', b'\\x01\\x02\\x03')]\n")
    let expected = ["big": [UInt8](repeating: 0x78, count: 1000), "stored": Array("abc".utf8)]
    #expect(try contents(FileBytes.read(paths[1])) == expected)
    let wide = try FileBytes.read(paths[2])
    #expect(try contents(wide) == expected)
    try survivesMutations(wide) { try contents($0) }
  }
}
