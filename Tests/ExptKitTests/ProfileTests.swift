import ExptTestSupport
import Foundation
import Testing

@Suite("A profile")
struct ProfileTests {
  private func profiled(
    _ name: String, in folder: TemporaryFolder, extra: [String] = [],
    environment: [String: String] = [:]
  ) throws -> Program.Result {
    let file = try folder.write(#require(SmallExperiments.all[name]), to: "\(name).yaml")
    let result = try Program.run(
      ["run", file, "--run-dir", folder.file("run"), "--profile", "--quiet"] + extra,
      environment: environment)
    try #require(result.status == 0, "\(result.messages)")
    #expect(result.output == folder.file("run") + "\n")
    return result
  }

  /// The rows of the table that begins with `title`, as words.
  private func rows(_ text: String, below title: String) -> [[String]] {
    text.components(separatedBy: "\n").drop { !$0.hasPrefix(title) }.dropFirst()
      .prefix { !$0.isEmpty }.map { $0.components(separatedBy: "  ").filter { !$0.isEmpty } }
  }

  private func seconds(_ row: [String]?) -> Double {
    (row?.dropFirst().first).flatMap { Double($0.filter { $0 != " " }) } ?? .nan
  }

  @Test func `adds up to the time that the program took`() throws {
    let clock = ContinuousClock()
    var result: Program.Result?
    let folder = TemporaryFolder()
    let wall = try clock.measure { result = try profiled("vae", in: folder) }
    let rows = rows(try #require(result).messages, below: "where the time went")
    let total = seconds(rows.last)
    #expect(rows.last?.first == "total")
    let parts = rows.dropLast().map(seconds)
    #expect(abs(parts.reduce(0, +) - total) <= 0.0006 * Double(parts.count))
    #expect(parts.allSatisfy { $0 >= -0.0005 })
    // The system knows the start of the program to a hundredth of a second.
    let seen = Double(wall.components.seconds) + Double(wall.components.attoseconds) * 1e-18
    #expect(total <= seen + 0.02)
    #expect(total > 0.2 * seen)
  }

  @Test func `names every operation with its layer, forward and backward`() throws {
    let rows = rows(
      try profiled("ae", in: TemporaryFolder()).messages, below: "operation")
    let places = rows.map { $0.prefix(2).joined(separator: " ") }.map {
      $0.split(separator: " ").joined(separator: " ")
    }
    for place in ["conv2d encoder.0", "conv2d encoder.1", "convTranspose2d decoder.2"] {
      #expect(places.contains(place), "\(places)")
    }
    #expect(Set(places).count == places.count)
  }

  @Test func `does not change a byte of the run`() throws {
    let folder = TemporaryFolder()
    _ = try profiled("iwae", in: folder)
    let plain = try Program.run([
      "run", folder.file("iwae.yaml"), "--run-dir", folder.file("plain"), "--quiet",
    ])
    #expect(plain.messages == "")
    for name in ["metrics.csv", "checkpoints/last.safetensors"] {
      #expect(
        FileManager.default.contentsEqual(
          atPath: folder.file("run/\(name)"), andPath: folder.file("plain/\(name)")))
    }
  }

  /// Counted by a library in front of the C library's `malloc`, over all threads.
  @Test(
    .needs(.glibc),
    arguments: [
      ["vae"], ["ae"], ["iwae"],
      ["vae", "optimizer={ type: adagrad, clip_value: 0.1 }"],
      ["vae", "optimizer={ type: adamw, schedule: reduce_on_plateau, warmup_epochs: 1 }"],
      ["vae", "optimizer={ type: sgd, nesterov: true, momentum: 0.9, learning_rate: 1.0e-5 }"],
      ["vae", "model.likelihood=continuous_bernoulli"], ["vae", "model.likelihood=laplace"],
      ["vae", "model.likelihood=discretized_logistic"],
      ["vae", "model.beta={ type: capacity, to: 5 }"],
      ["ae", "model.corruption=masking", "dataset.binarization=threshold"],
      ["iwae", "optimizer={ type: rmsprop, centered: true, momentum: 0.5 }"],
      [
        "ae", "model.decoder=mlp", "training.ema=0.9",
        "optimizer={ type: lion, skip_norm: 1.0e9, schedule: one_cycle }",
        """
        model.encoder={ type: layers, layers: [{ type: conv, channels: 4, padding: same, \
        spectral_norm: true }, { type: group_norm, groups: 2 }, max_pool, attention, \
        pixel_unshuffle, avg_pool, flatten] }
        """,
      ],
      ["vae", "optimizer={ type: nadam, schedule: polynomial }"],
      [
        "ae", "model.decoder=mlp",
        "model.encoder={ type: layers, layers: [layer_norm, gelu, dropout, flatten] }",
      ],
    ])
  func `of a run shows that a step allocates nothing after the first epoch`(_ words: [String])
    throws
  {
    let result = try profiled(
      words[0], in: TemporaryFolder(), extra: words.dropFirst().flatMap { ["--set", $0] },
      environment: ["LD_PRELOAD": try #require(AllocationCounter.path)])
    let line = try #require(
      result.messages.split(separator: "\n").first { $0.hasPrefix("Memory allocations") })
    let numbers = line.split(separator: " ").compactMap { Double($0) }
    try #require(numbers.count == 3, "\(line)")
    #expect(numbers[2] > 1000, "\(line)")
    #expect(numbers[1] == 0, "\(line)")
  }
}

/// The library that counts allocations, beside the program.
enum AllocationCounter {
  static let path: String? = {
    #if canImport(Glibc)
      guard let program = try? Program.path else { return nil }
      let library = URL(fileURLWithPath: program).deletingLastPathComponent()
        .appendingPathComponent("libexpt-allocations.so").path
      return FileManager.default.fileExists(atPath: library) ? library : nil
    #else
      return nil
    #endif
  }()
}
