import ExptTestSupport
import Testing

@testable import ExptFiles

@Suite("Checksums")
struct DigestTests {
  // RFC 1321, appendix A.5, and NIST's examples for FIPS 180.
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"),
    ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
    (
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a"
    ),
  ])
  func `MD5 gives the published values`(text: String, expected: String) {
    #expect(MD5.hex(of: Array(text.utf8)) == expected)
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func `SHA-256 gives the published values`(text: String, expected: String) {
    #expect(SHA256.hex(of: Array(text.utf8)) == expected)
  }

  // The reference implementation, through Python: xxhash.xxh64_hexdigest(bytes(i % 256 for i in range(n))).
  @Test(arguments: [
    (0, "ef46db3751d8e999"),
    (1, "e934a84adb052768"),
    (7, "14cc643f630c72d2"),
    (31, "c346d2b59b4d8ee1"),
    (32, "cbf59c5116ff32b4"),
    (45, "10fdd84d6409abdf"),
    (100, "6ac1e58032166597"),
    (1000, "6ef436b00eba4078"),
  ])
  func `XXH64 gives the reference implementation's values`(count: Int, expected: String) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    #expect(XXH64.hex(of: bytes) == expected)
  }

  @Test func `a million times the letter a gives the published values`() {
    let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(
      SHA256.hex(of: bytes) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    #expect(MD5.hex(of: bytes) == "7707d6ae4e027c70eea2a935c2296f21")
    #expect(SHA1.hex(of: bytes) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
  }

  @Test func `the pieces in which bytes come change nothing`() {
    var generator = SeededGenerator(3)
    let bytes = generator.bytes(1000)
    var sha = SHA256()
    var md5 = MD5()
    var sha1 = SHA1()
    var xxh = XXH64()
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(Int.random(in: 0...150, using: &generator)))
      sha.update(piece)
      md5.update(piece)
      sha1.update(piece)
      xxh.update(piece)
      rest = rest.dropFirst(piece.count)
    }
    #expect(sha.hex == SHA256.hex(of: bytes))
    #expect(md5.hex == MD5.hex(of: bytes))
    #expect(sha1.hex == SHA1.hex(of: bytes))
    #expect(xxh.hex == XXH64.hex(of: bytes))
  }

  @Test func `a file is summed in pieces`() throws {
    let folder = TemporaryFolder()
    let bytes = [UInt8](repeating: 3, count: (1 << 20) + 5)
    try AtomicFile.write(bytes, to: folder.file("a"))
    #expect(try SHA256.hex(ofFile: folder.file("a")) == SHA256.hex(of: bytes))
  }

  @Test(.needs(.realMNIST))
  func `MNIST's test labels, unpacked, have their well-known MD5`() throws {
    let path = try #require(RealMNIST.folder) + "/mnist/t10k-labels-idx1-ubyte.gz"
    let content = try Gzip.inflate(FileBytes.read(path), path: path)
    #expect(MD5.hex(of: content) == "27ae3e4e09519cfbb04c329615203637")
  }
}
