import ExptBuiltins
import ExptComponents
import ExptDownload
import ExptFiles
import ExptTestSupport
import Testing

@Suite("Fetching MNIST")
struct MNISTDownloadTests {
  private let folder = TemporaryFolder()
  private static let names = RealMNIST.names

  private func environment(
    _ mirrors: [String], wanted: DataParts = .all, said: Said = Said()
  ) -> DataEnvironment {
    DataEnvironment(
      dataFolder: folder.path, wanted: wanted, mirrors: mirrors, report: { said.add($0) })
  }

  @Test func `files that are not MNIST's are not taken, and every mirror is named`() throws {
    let wrong = IDX(shape: [1, 28, 28], values: [UInt8](repeating: 9, count: 784))
    let server = try LoopbackServer(["/a/mnist/\(Self.names[0])": .file(Gzip.deflate(wrong.bytes))])
    let problem = #expect(throws: DataProblem.self) {
      try MNIST().load(environment([server.url("a"), server.url("b/")]))
    }
    let message = problem?.message ?? ""
    #expect(problem?.kind == .missing)
    #expect(message.contains("\(server.url("a/mnist/"))\(Self.names[0]): its"))
    #expect(message.contains("\(server.url("b/mnist/"))\(Self.names[0]): the server answered"))
    for name in Self.names { #expect(message.contains(name)) }
    #expect(!FilePath.exists(folder.path + "/mnist"), "a folder is left with nothing in it")
  }

  @Test func `only what is missing and wanted is asked for`() throws {
    let images = IDX(shape: [1, 28, 28], values: [UInt8](repeating: 9, count: 784))
    try ExclusiveFolder.makeAll(folder.path + "/mnist")
    try AtomicFile.write(images.bytes, to: folder.path + "/mnist/train-images-idx3-ubyte")
    let server = try LoopbackServer([:])
    #expect(throws: DataProblem.self) {
      try MNIST().load(environment([server.url("m")], wanted: .train))
    }
    #expect(server.requests == ["/m/mnist/\(Self.names[1])"])
  }

  @Test func `a folder that cannot be made is an input-output problem`() throws {
    try AtomicFile.write("a file", to: folder.path + "/mnist")
    let server = try LoopbackServer([:])
    let problem = #expect(throws: DataProblem.self) {
      try MNIST().load(environment([server.url("m")]))
    }
    #expect(problem?.kind == .inputOutput)
    #expect(server.requests == [])
  }

  @Test(.needs(.realMNIST))
  func `the real files are fetched, checked and read`() throws {
    let real = try #require(RealMNIST.folder)
    var answers: [String: LoopbackServer.Answer] = [:]
    for name in Self.names {
      let bytes = try FileBytes.read(real + "/mnist/" + name)
      answers["/good/mnist/" + name] = .file(bytes)
      answers["/cut/mnist/" + name] = .truncated(bytes, sent: bytes.count / 2)
    }
    let server = try LoopbackServer(answers)
    let data = try MNIST().load(environment([server.url("cut"), server.url("good")]))
    #expect(data.train.count == 60_000 && data.test.count == 10_000)
    #expect(try FilePath.names(in: folder.path + "/mnist") == Self.names.sorted())
    // The mirror that worked is asked first from then on.
    #expect(server.requests.count == 5)
  }

  @Test(.needs(.realMNIST))
  func `files that are not wanted yet are fetched if they can be`() throws {
    let real = try #require(RealMNIST.folder)
    var answers: [String: LoopbackServer.Answer] = [:]
    for name in Self.names.prefix(3) {
      answers["/m/mnist/" + name] = .file(try FileBytes.read(real + "/mnist/" + name))
    }
    let server = try LoopbackServer(answers)
    let data = try MNIST().load(environment([server.url("m")], wanted: .train))
    #expect(data.train.count == 60_000 && data.test.count == 0)
    let there = try FilePath.names(in: folder.path + "/mnist")
    #expect(there == Self.names.prefix(3).sorted())
  }
}
