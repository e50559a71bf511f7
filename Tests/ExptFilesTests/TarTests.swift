import ExptTestSupport
import Testing

@testable import ExptFiles

@Suite("Tar archives")
struct TarTests {
  /// A ustar member with its padding, straight from POSIX.
  static func member(_ name: String, _ content: [UInt8], kind: String = "0") -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at place: Int) {
      header.replaceSubrange(place..<place + text.utf8.count, with: text.utf8)
    }
    let octal = String(content.count, radix: 8)
    put(name, at: 0)
    put(String(repeating: "0", count: 11 - octal.count) + octal, at: 124)
    put("        " + kind, at: 148)
    put("ustar\u{0}00", at: 257)
    let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", at: 148)
    return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  static let archive: [UInt8] =
    member("folder/", [], kind: "5") + member("folder/a", [1, 2, 3]) + member("link", [], kind: "2")
    + member("b", [UInt8](repeating: 4, count: 600)) + [UInt8](repeating: 0, count: 1024)

  private func names(_ bytes: [UInt8]) throws -> [String] {
    try Tar.parse(bytes, path: "a.tar", where: { _ in true }).map(\.name)
  }

  @Test func `give the members that are wanted, gzipped or not`() throws {
    for bytes in [Self.archive, Gzip.deflate(Self.archive)] {
      #expect(try names(bytes) == ["folder/a", "b"])
      let wanted = try Tar.parse(bytes, path: "a.tar") { $0 == "folder/a" }
      #expect(wanted == [Tar.Member(name: "folder/a", bytes: [1, 2, 3])])
    }
  }

  @Test func `with a member that claims too much are refused`() throws {
    for bytes in [Self.archive, Gzip.deflate(Self.archive)] {
      let problem = #expect(throws: FileProblem.self) {
        try Tar.parse(bytes, path: "a.tar", limit: 500) { _ in true }
      }
      #expect(problem?.code == .tooLarge)
    }
    let cut = Array(Self.archive[..<(512 * 5)])
    #expect(throws: FileProblem.self) { try names(cut) }
    #expect(throws: FileProblem.self) { try Tar.parse(cut, path: "a") { _ in false } }
  }

  @Test func `damaged anywhere are read or refused`() throws {
    try survivesMutations(Self.archive) { try names($0) }
    try survivesMutations(Gzip.deflate(Self.archive)) { try names($0) }
  }

  @Test(.needs(.python))
  func `made by Python are read in each of its formats, long names too`() throws {
    let folder = TemporaryFolder()
    let program = """
      import sys, io, tarfile
      for f, n in ((tarfile.USTAR_FORMAT, 'ustar'), (tarfile.GNU_FORMAT, 'gnu'), (tarfile.PAX_FORMAT, 'pax')):
        with tarfile.open(sys.argv[1] + '/' + n + '.tar.gz', 'w:gz', format=f) as t:
          for name in ('short', 'x' * 60 + '/' + 'y' * 80, 'last'):
            i = tarfile.TarInfo(name); i.size = 5
            t.addfile(i, io.BytesIO(b'hello'))
      """
    try Python.run(program, [folder.path])
    let long = String(repeating: "x", count: 60) + "/" + String(repeating: "y", count: 80)
    for format in ["ustar", "gnu", "pax"] {
      let members = try Tar.read(folder.file(format + ".tar.gz")) { _ in true }
      #expect(members.map(\.name) == ["short", long, "last"], "\(format)")
      #expect(members.allSatisfy { $0.bytes == Array("hello".utf8) })
    }
  }
}
