import ExptDownload
import ExptFiles
import ExptTestSupport
import Foundation
import Testing

@Suite("Downloads")
struct DownloaderTests {
  private static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 256) }
  private var content: [UInt8] { Self.content }
  private let folder = TemporaryFolder()
  private let file: RemoteFile

  init() throws {
    file = RemoteFile(name: "data.bin", md5: MD5.hex(of: Self.content), limit: 1 << 20)
  }

  /// Every way to go wrong, by the folder it is served from, and what is said about it.
  private static let faults: [(folder: String, words: String)] = [
    ("wrong", "not the expected ones"), ("missing", "status 404"), ("broken", "status 500"),
    ("truncated", "ended too early"), ("empty", "not the expected ones"),
    ("stalled", "no data came"),
    ("silent", "no data came"), ("loop", "redirect"), ("promised", "larger than"),
    ("endless", "larger than"), ("astray", "ile"),
  ]

  private func server() throws -> LoopbackServer {
    try LoopbackServer([
      "/good/data.bin": .file(content),
      "/moved/data.bin": .redirect(to: "/good/data.bin"),
      "/wrong/data.bin": .file(content.reversed()),
      "/broken/data.bin": .status(500),
      "/truncated/data.bin": .truncated(content, sent: 100_000),
      "/empty/data.bin": .file([]),
      "/stalled/data.bin": .stalled(content, sent: 100_000),
      "/silent/data.bin": .silent,
      "/loop/data.bin": .redirect(to: "/loop/data.bin"),
      "/promised/data.bin": .promised(2 << 20),
      "/endless/data.bin": .endless,
      "/astray/data.bin": .redirect(to: "file:///etc/passwd"),
    ])
  }

  private func downloader() -> Downloader {
    var downloader = Downloader()
    downloader.stallTimeout = .seconds(1)
    return downloader
  }

  private func problem(_ mirrors: [String]) throws -> DownloadProblem {
    let problem = #expect(throws: DownloadProblem.self) {
      try downloader().fetch(file, from: mirrors, to: folder.target)
    }
    return try #require(problem)
  }

  @Test(arguments: ["good", "moved"])
  func `a good file is put in place`(place: String) throws {
    let server = try server()
    try downloader().fetch(file, from: [server.url(place)], to: folder.target)
    #expect(try FileBytes.read(folder.target) == content)
    #expect(try folder.names() == ["data.bin"])
  }

  @Test(arguments: faults)
  func `whatever is wrong with a mirror is said, and nothing is left behind`(
    fault: String, words: String
  ) throws {
    let server = try server()
    let problem = try problem([server.url(fault)])
    #expect(problem.attempts.map(\.url) == [server.url(fault) + "/data.bin"])
    let reason = problem.attempts.first?.reason ?? ""
    #expect(reason.contains(words), "\(reason)")
    #expect(try folder.names() == [])
  }

  @Test(arguments: faults)
  func `the next mirror is tried`(fault: String, words: String) throws {
    let server = try server()
    try downloader().fetch(
      file, from: [server.url(fault), server.url("good/")], to: folder.target)
    #expect(try FileBytes.read(folder.target) == content)
    #expect(try folder.names() == ["data.bin"])
    #expect(server.requests.last == "/good/data.bin")
  }

  @Test func `mirrors behind the one that worked are left alone`() throws {
    let server = try server()
    try downloader().fetch(
      file, from: [server.url("good"), server.url("wrong")], to: folder.target)
    #expect(server.requests == ["/good/data.bin"])
  }

  @Test func `a file that is there stays as it is until the new one is whole`() throws {
    let server = try server()
    try AtomicFile.write("old", to: folder.target)
    _ = try problem([server.url("truncated")])
    #expect(try FileBytes.readText(folder.target) == "old")
    try downloader().fetch(file, from: [server.url("good")], to: folder.target)
    #expect(try FileBytes.read(folder.target) == content)
  }

  @Test func `right content in another gzip wrapping is accepted`() throws {
    let packed = Gzip.deflate(content)
    let server = try LoopbackServer(["/a/data.bin": .file(packed), "/b/data.bin": .file(content)])
    let wanted = RemoteFile(
      name: "data.bin", md5: MD5.hex(of: [1]), unpackedMD5: MD5.hex(of: content))
    try downloader().fetch(wanted, from: [server.url("a")], to: folder.target)
    #expect(try FileBytes.read(folder.target) == packed)
    #expect(throws: DownloadProblem.self) {
      try downloader().fetch(wanted, from: [server.url("b")], to: folder.target)
    }
  }

  @Test func `a port at which nobody listens, and a name that nobody has, fail at once`() throws {
    let dead = "http://127.0.0.1:\(try LoopbackServer.deadPort())/"
    let clock = ContinuousClock()
    let time = try clock.measure {
      let problem = try problem([dead, "http://no-such-host.invalid/", "ftp://127.0.0.1/"])
      #expect(problem.attempts.count == 3)
      #expect(problem.attempts[0].reason.contains("no connection"))
    }
    #expect(time < .seconds(8))
    #expect(try folder.names() == [])
  }

  @Test func `a folder that cannot be written to is not blamed on the mirrors`() throws {
    let server = try server()
    let problem = #expect(throws: DownloadProblem.self) {
      try downloader().fetch(
        file, from: [server.url("good")], to: folder.path + "/absent/data.bin")
    }
    #expect(problem?.unwritable != nil)
    #expect(problem?.attempts.isEmpty == true)
  }

  @Test(arguments: ["silent", "stalled", "endless"])
  func `a user who asks to stop is obeyed, no other mirror is tried, nothing is left`(
    place: String
  ) throws {
    let server = try server()
    var downloader = Downloader()
    downloader.isStopped = {
      server.firstRequest.map { ContinuousClock.now > $0 + .milliseconds(100) } ?? false
    }
    let file = RemoteFile(name: "data.bin", md5: MD5.hex(of: Self.content), limit: .max)
    let problem = #expect(throws: DownloadProblem.self) {
      try downloader.fetch(file, from: [server.url(place), server.url("good")], to: folder.target)
    }
    #expect(problem?.wasStopped == true)
    let begun = try #require(server.firstRequest)
    #expect(ContinuousClock.now - begun < .seconds(5))
    #expect(server.requests == ["/\(place)/data.bin"])
    #expect(try folder.names() == [])
  }

  @Test func `what is being done is reported`() throws {
    let server = try server()
    let said = Said()
    var downloader = Downloader(report: { said.add($0) })
    downloader.stallTimeout = .milliseconds(300)
    try downloader.fetch(
      file, from: [server.url("missing"), server.url("good")], to: folder.target)
    #expect(
      said.all == [
        "downloading \(server.url("missing/data.bin"))",
        "could not download \(server.url("missing/data.bin")): the server answered with status 404",
        "downloading \(server.url("good/data.bin"))",
      ])
  }

  @Test func `a mirror that sends a byte now and then gives way to the next`() throws {
    let server = try LoopbackServer([
      "/drip/data.bin": .dripping(content), "/good/data.bin": .file(content),
    ])
    var downloader = Downloader()
    (downloader.slowTimeout, downloader.slowBytes) = (.seconds(1), 1000)
    let said = Said()
    downloader.report = { said.add($0) }
    let start = ContinuousClock.now
    try downloader.fetch(
      file, from: [server.url("drip"), server.url("good")], to: folder.target)
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(try FileBytes.read(folder.target) == content)
    #expect(said.all.contains { $0.contains("fewer than 1000 bytes came in 1 s") })
  }

  @Test func `what would unpack to more than it may is not unpacked to be looked at`() throws {
    var file = RemoteFile(name: "data.bin", md5: "?", unpackedMD5: MD5.hex(of: content))
    let bomb = Gzip.deflate([UInt8](repeating: 0, count: 64 << 20))
    let server = try LoopbackServer([
      "/bomb/data.bin": .file(bomb), "/good/data.bin": .file(Gzip.deflate(content)),
    ])
    file.unpackedLimit = content.count
    try downloader().fetch(file, from: [server.url("good")], to: folder.target)
    let large = Gzip.deflate(content + [0])
    file.unpackedMD5 = MD5.hex(of: content + [0])
    let other = try LoopbackServer(["/large/data.bin": .file(large)])
    for url in [server.url("bomb"), other.url("large")] {
      let problem = #expect(throws: DownloadProblem.self) {
        try downloader().fetch(file, from: [url], to: folder.target)
      }
      #expect(problem?.attempts.first?.reason.contains("not the expected ones") == true)
    }
  }
}
