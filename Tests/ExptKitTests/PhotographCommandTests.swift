import ExptFiles
import ExptTestSupport
import Foundation
import Testing

/// A folder of photographs, as a user has one, through the whole program.
@Suite("Training on photographs", .needs(.turboJPEG))
struct PhotographCommandTests {
  private let folder = TemporaryFolder()

  private func experiment(_ settings: String = "") throws -> String {
    try folder.write(
      """
      dataset:
        { type: images, path: \(folder.file("photos")), size: 16, channels: rgb, flip: true,
          test: 10, validation: 10\(settings) }
      model:
        { type: vae, latent: 2, likelihood: gaussian, encoder: { type: mlp, hidden: [8] } }
      training: { epochs: 2, batch_size: 16 }
      outputs: { images_every: 0, summary: false }
      """, to: "photos.yaml")
  }

  private func furnish() throws {
    for number in 0..<60 {
      let fixture = JPEGFixture.all[number % JPEGFixture.all.count]
      try folder.write(fixture.bytes, to: "photos/\(fixture.testDescription)\(number).jpg")
    }
    for number in 0..<60 {
      let image = Image8(
        width: 9 + number, height: 70 - number, channels: 1,
        samples: (0..<(9 + number) * (70 - number)).map { UInt8(truncatingIfNeeded: $0 * number) })
      try folder.write(PNG.bytes(of: image), to: "photos/grey\(number).png")
    }
  }

  @Test func `gives the same bytes on every instruction set, with any threads, decoded or kept`()
    throws
  {
    try furnish()
    let file = try experiment()
    // libjpeg-turbo's own switches: no SIMD, and its oldest.
    let cases: [(environment: [String: String], threads: String)] = [
      ([:], "2"), ([:], "1"), (["JSIMD_FORCENONE": "1", "EXPT_ISA": "portable"], "2"),
      (["JSIMD_FORCESSE2": "1"], "1"),
    ]
    var metrics: [String] = []
    for (number, item) in cases.enumerated() {
      // The second reads what the first kept.
      let cache = folder.file(number < 2 ? "cache" : "cache\(number)")
      let run = folder.file("run\(number)")
      let result = try Program.run(
        [file, "-t", item.threads, "--run-dir", run],
        environment: item.environment.merging(["XDG_CACHE_HOME": cache], uniquingKeysWith: { $1 }))
      try #require(result.status == 0, "\(result.messages)")
      #expect(result.messages.contains("decoding 120 pictures") == (number != 1))
      #expect(FilePath.exists(cache + "/expt/images"))
      metrics.append(try FileBytes.readText(run + "/metrics.csv"))
    }
    #expect(Set(metrics).count == 1)
  }

  /// 92,160 bytes of pixels.
  @Test func `with less memory than they take gives the same bytes`() throws {
    try furnish()
    let environment = ["XDG_CACHE_HOME": folder.file("cache")]
    func metrics(_ name: String, _ arguments: [String]) throws -> String {
      let run = folder.file(name)
      let result = try Program.run(
        [experiment(), "--run-dir", run, "--set", "dataset.mix=false"] + arguments,
        environment: environment)
      try #require(result.status == 0, "\(result.messages)")
      #expect(result.messages.contains("stay in the cache") == arguments.contains(Self.little))
      return try FileBytes.readText(run + "/metrics.csv")
    }
    let inOrder = ["--set", "training.shuffle=false"]
    let little = ["--set", Self.little]
    #expect(try metrics("whole", inOrder) == metrics("stored", inOrder + little))
    #expect(try metrics("one", little + ["-t", "1"]) == metrics("two", little + ["-t", "2"]))
  }

  private static let little = "dataset.memory=20kB"

  @Test func `at the same time in two processes keeps the pictures once, and whole`() throws {
    try furnish()
    let file = try experiment()
    let environment = ["XDG_CACHE_HOME": folder.file("cache")]
    func start(_ name: String) throws -> Program.Running {
      try Program.start([file, "-t1", "--run-dir", folder.file(name)], environment: environment)
    }
    for process in try [start("a"), start("b")] {
      let result = try process.wait()
      #expect(result.status == 0, "\(result.messages)")
    }
    let third = try start("c").wait()
    #expect(third.status == 0 && !third.messages.contains("decoding"), "\(third.messages)")
    #expect(try FilePath.names(in: folder.file("cache/expt/images")).count == 3)
    let metrics = try ["a", "b", "c"].map {
      try FileBytes.readText(folder.file($0) + "/metrics.csv")
    }
    #expect(Set(metrics).count == 1)
  }

  @Test func `without the library names it, whatever is to be done about errors`() throws {
    try furnish()
    for settings in ["", ", on_error: skip"] {
      let result = try Program.run(
        [experiment(settings), "-q", "--run-dir", folder.file("none")],
        environment: ["EXPT_TURBOJPEG": folder.file("absent"), "XDG_CACHE_HOME": folder.path])
      #expect(result.status == 65)
      #expect(result.messages.contains("install it (Debian: libturbojpeg0"), "\(result.messages)")
    }
    let begun = try Program.run(
      ["init", folder.file("begun"), "--data", folder.file("photos")],
      environment: ["EXPT_TURBOJPEG": folder.file("absent")])
    #expect(begun.status == 65)
    #expect(begun.messages.components(separatedBy: "libturbojpeg0").count == 2, "\(begun.messages)")
  }

  @Test func `lists what cannot be read, or leaves it out and says so`() throws {
    try furnish()
    for name in ["a.jpg", "b.jpg", "c.png"] { try folder.write([1, 2, 3], to: "photos/\(name)") }
    let environment = ["XDG_CACHE_HOME": folder.path]
    let stopped = try Program.run(
      [experiment(), "-q", "--run-dir", folder.file("none")], environment: environment)
    #expect(stopped.status == 65)
    #expect(stopped.messages.contains("3 of 123 pictures cannot be read; 'on_error: skip'"))
    #expect(stopped.messages.contains("photos/c.png: this is not a JPEG"))
    let run = folder.file("skipped")
    let skipped = try Program.run(
      [experiment(", on_error: skip"), "-q", "--run-dir", run], environment: environment)
    #expect(skipped.status == 0, "\(skipped.messages)")
    for text in [skipped.messages, try FileBytes.readText(run + "/log.txt")] {
      #expect(text.contains("3 of 123 pictures cannot be read and are left out"))
    }
  }
}
