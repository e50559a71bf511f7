import ExptDocument
import ExptTestSupport
import Foundation
import Testing

@Suite("A hostile file gets a sentence, soon")
struct HostileFileTests {
  /// The message and the seconds it took.
  func timed(_ bytes: [UInt8]) -> (message: String, seconds: Double) {
    let clock = ContinuousClock()
    var message = ""
    let duration = clock.measure { message = report(bytes: bytes) }
    return (message, duration / .seconds(1))
  }

  @Test func `an alias bomb`() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    let (message, seconds) = timed(Array(text.utf8))
    #expect(message.hasPrefix("f.yaml:5:"))
    #expect(message.contains("error: the text expands to more than 100000 values here"))
    #expect(message.hasSuffix("\n1 error"))
    #expect(seconds < 10)
  }

  @Test func `a merge bomb`() {
    let keys = (0..<20_000).map { "k\($0): 1" }.joined(separator: ", ")
    let merges = Array(repeating: "*b", count: 20_000).joined(separator: ", ")
    let (message, seconds) = timed(Array("b: &b {\(keys)}\nc: {<<: [\(merges)]}\n".utf8))
    #expect(message.contains("f.yaml:2:") && message.contains("more than 100000 values"))
    #expect(seconds < 10)
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "[{", "a: [", "{? "])
  func `a depth bomb`(_ opening: String) {
    let (message, seconds) = timed(Array(String(repeating: opening, count: 250_000).utf8))
    #expect(message.contains("f.yaml:1:") && message.hasSuffix("1 error"))
    #expect(message.utf8.count < 2000)
    #expect(seconds < 10)
  }

  @Test func `depth through aliases`() {
    let deep = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
    let opened = String(repeating: "[", count: 60) + "*a" + String(repeating: "]", count: 60)
    #expect(report("a: &a \(deep)") == "")
    #expect(
      report("a: &a \(deep)\nb: \(opened)").contains(
        "f.yaml:2:64: error: more than 100 nested mappings and lists"))
  }

  @Test(arguments: [
    "*", "&", "!", "'", "\"", "|", ">", "%", "@", "#", "- -", "? :", ": ", ",", "\t",
  ])
  func `a long run of one character`(_ unit: String) {
    let count = (1 << 18) / unit.utf8.count
    let (message, seconds) = timed(Array(String(repeating: unit, count: count).utf8))
    #expect(message.hasSuffix("1 error"))
    #expect(message.utf8.count < 2000)
    #expect(seconds < 10)
  }

  @Test func `many directives`() {
    let (message, seconds) = timed(Array(String(repeating: "%TAG !a! x\n", count: 90_000).utf8))
    #expect(message.hasPrefix("f.yaml:17:1: error: more than 16 lines begin with '%'"))
    #expect(seconds < 10)
  }

  @Test func `many aliases to nothing among many anchors`() {
    let anchors = (0..<40_000).map { "&a\($0) 1" }.joined(separator: ", ")
    let aliases = (0..<1000).map { "*b\($0)" }.joined(separator: ", ")
    let (message, seconds) = timed(Array("a: [\(anchors)]\nb: [\(aliases)]\n".utf8))
    #expect(message.hasSuffix("500 errors"))
    #expect(seconds < 10)
  }

  @Test func `a list as long as is allowed, on one line`() throws {
    let (message, seconds) = timed(Array("a: [\(String(repeating: "é,", count: 99_000))]".utf8))
    #expect(message == "")
    #expect(seconds < 10)
  }

  @Test func `many anchors without a blank between`() throws {
    let (message, seconds) = timed(Array("a: [\(String(repeating: "&a,", count: 99_000))]".utf8))
    #expect(message == "")
    #expect(seconds < 10)
  }

  @Test func `an override as deep as an argument can be`() {
    let path = String(repeating: "a.", count: 60_000) + "a=1"
    #expect(report("a: 1", overrides: [path]).contains("the key path has more than 100 parts"))
  }

  @Test func `many duplicate keys`() {
    let (message, seconds) = timed(Array(String(repeating: "a: 1\n", count: 100_000).utf8))
    #expect(message.hasSuffix("… and 400 more\n500 errors"))
    #expect(seconds < 10)
  }

  @Test func `a file that is not UTF-8`() {
    #expect(
      report(bytes: Array("seed: 1\nname: caf".utf8) + [0xE9, 0x0A]) == """
        f.yaml:2:10: error: byte 0xE9 at offset 17 is not valid UTF-8
          2 | name: caf
            |          ^ save the file as UTF-8
        1 error
        """)
  }

  @Test(
    arguments: [
      [0x80], [0xC0, 0xAF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
      [0xF8, 0x88, 0x80, 0x80, 0x80], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xC3, 0x28],
    ] as [[UInt8]])
  func `bytes that Swift's own decoder refuses too`(_ bytes: [UInt8]) {
    #expect(String(validating: bytes, as: UTF8.self) == nil)
    #expect(report(bytes: Array("a: ".utf8) + bytes).contains("f.yaml:1:4: error: byte 0x"))
  }

  @Test func `UTF-16 and UTF-32`() {
    let message = "is not UTF-8; it looks like UTF-16 or UTF-32\n  save it as UTF-8\n1 error"
    for encoding in [
      String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian, .utf32, .utf32LittleEndian,
      .utf32BigEndian,
    ] {
      #expect(report(bytes: Array("a: 1".data(using: encoding) ?? Data())).hasSuffix(message))
    }
  }

  @Test func `NUL and control characters`() {
    #expect(report("a: 1\nb: \0").hasPrefix("f.yaml:2:4: error: a NUL byte is not allowed"))
    #expect(
      report("a: \u{1B}").hasPrefix("f.yaml:1:4: error: the control character U+001B is not"))
    #expect(report("a: \u{FEFF}").hasPrefix("f.yaml:1:4: error: a byte order mark is only allowed"))
  }

  @Test func `a byte order mark, CRLF and CR are fine`() throws {
    for newline in ["\n", "\r\n", "\r"] {
      let text = "\u{FEFF}a: 1\(newline)b:\(newline)  - é\(newline)c: !x 1"
      #expect(
        report(text) == """
          f.yaml:4:4: error: the tag '!x' means nothing in an experiment file
            4 | c: !x 1
              |    ^~~~ remove the tag, or put the text in quotes
          1 error
          """)
    }
    #expect(short(try read("\u{FEFF}a: 1\r\nb: [x,\r\n y]\r\n")) == "{a: 1, b: [x, y]}")
  }

  @Test func `a file too large is refused by its size`() throws {
    try withFiles([:]) { folder in
      let path = folder + "/big.yaml"
      #expect(FileManager.default.createFile(atPath: path, contents: nil))
      let handle = try #require(FileHandle(forWritingAtPath: path))
      try handle.truncate(atOffset: 100 << 20)
      try handle.close()
      let clock = ContinuousClock()
      var message = ""
      let duration = clock.measure { message = loadReport(path) }
      #expect(message.contains("has 104857600 bytes; an experiment file may have 1048576 (1 MiB)"))
      #expect(duration < .seconds(1))
    }
  }

  @Test func `a directory, a pipe, a device, nothing`() throws {
    try withFiles([:]) { folder in
      #expect(loadReport(folder).contains("it is a directory, not a file"))
      let pipe = folder + "/pipe"
      #expect(mkfifo(pipe, 0o600) == 0)
      #expect(loadReport(pipe).contains("it is a pipe, not a file"))
      #expect(loadReport("/dev/zero").contains("it is a device, not a file"))
      #expect(loadReport("no/such.yaml") == "error: there is no file 'no/such.yaml'\n1 error")
      #expect(loadReport("") == "error: '' is not a file name\n1 error")
      #expect(loadReport("a\0b") == "error: 'a\\u{0}b' is not a file name\n1 error")
    }
  }

  @Test(.needs(.anyUserButRoot))
  func `a file without permission`() throws {
    try withFiles(["x.yaml": "a: 1"]) { folder in
      let path = folder + "/x.yaml"
      #expect(chmod(path, 0) == 0)
      #expect(loadReport(path).contains("no permission to read"))
    }
  }
}
