import Foundation
import Testing

@testable import ExptFiles

/// A folder of its own for a test, removed with the object.
final class TemporaryFolder {
  let path: String
  init() throws {
    path = try ExclusiveFolder.make(
      FileManager.default.temporaryDirectory.path + "/expt-files-\(UInt64.random(in: 0 ... .max))")
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
  func file(_ name: String) -> String { FilePath.join(path, name) }
}

/// SplitMix64: the same numbers on every machine.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}

/// Every proper beginning of `bytes` must be refused with a `FileProblem`.
func expectTruncationRefused<Value>(
  _ bytes: [UInt8], _ parse: ([UInt8]) throws -> Value
) throws {
  _ = try parse(bytes)
  for count in 0..<bytes.count {
    #expect(throws: FileProblem.self, "cut to \(count) of \(bytes.count) bytes") {
      try parse(Array(bytes.prefix(count)))
    }
  }
}

/// Damaged files must be read or refused: a trap would end the test process. Returns how many of
/// the damaged files were refused.
@discardableResult
func survivesMutations<Value>(
  _ bytes: [UInt8], rounds: Int = 3000, seed: UInt64 = 1, _ parse: ([UInt8]) throws -> Value
) throws -> Int {
  var generator = SeededGenerator(seed)
  let extremes: [UInt8] = [0, 1, 0x7f, 0x80, 0xfe, 0xff]
  var refused = 0
  for _ in 0..<rounds {
    var damaged = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) where !damaged.isEmpty {
      let place = Int.random(in: 0..<damaged.count, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: damaged[place] = UInt8.random(in: 0...255, using: &generator)
      case 1: damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 2: damaged[place] = extremes.randomElement(using: &generator) ?? 0
      case 3: damaged.removeSubrange(place..<min(damaged.count, place + 3))
      default: damaged.insert(damaged[place], at: place)
      }
    }
    do {
      _ = try parse(damaged)
    } catch is FileProblem {
      refused += 1
    }
  }
  return refused
}

/// The Python that tests may compare with: `EXPT_PYTHON`, else `python3`.
enum Python {
  static func has(_ module: String) -> Bool { (try? run("import \(module)")) != nil }

  struct Failure: Error { var text: String }

  /// Runs a program and returns what it printed.
  @discardableResult
  static func run(_ program: String, _ arguments: [String] = []) throws -> String {
    let process = Process()
    let python = ProcessInfo.processInfo.environment["EXPT_PYTHON"] ?? "python3"
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python, "-c", program] + arguments
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(text: String(decoding: complaint, as: UTF8.self))
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// Where the real MNIST files are, if `EXPT_DATA` says so.
let mnistFolder = ProcessInfo.processInfo.environment["EXPT_DATA"].map { $0 + "/mnist" }
