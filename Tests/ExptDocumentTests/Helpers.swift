import ExptDocument
import Foundation
import Testing

/// What is reported for a text, or "" if it is read without complaint.
func report(_ text: String, file: String = "f.yaml", overrides: [String] = []) -> String {
  report(bytes: Array(text.utf8), file: file, overrides: overrides)
}

func report(bytes: [UInt8], file: String = "f.yaml", overrides: [String] = []) -> String {
  do {
    let overrides = try overrides.map { text throws(Diagnostics) in try Override(parsing: text) }
    _ = try Document.parse(bytes: bytes, file: file, overrides: overrides)
    return ""
  } catch {
    return error.rendered
  }
}

/// What is reported for a file, or "" if it is read without complaint.
func loadReport(_ path: String) -> String {
  do {
    _ = try Document.load(path: path)
    return ""
  } catch {
    return error.rendered
  }
}

/// A short form of a tree for comparisons: `{a: 1, b: ['x', null]}`.
func short(_ node: Node?) -> String {
  guard let node else { return "nothing" }
  switch node.value {
  case .scalar(let scalar): return scalar.isQuoted ? "'\(scalar.text)'" : scalar.text
  case .sequence(let elements): return "[\(elements.map(short).joined(separator: ", "))]"
  case .mapping(let entries):
    let texts = entries.map { "\($0.key): \(short($0.value))" }
    return "{\(texts.joined(separator: ", "))}"
  }
}

func read(_ text: String, overrides: [String] = []) throws -> Node {
  let overrides = try overrides.map { try Override(parsing: $0) }
  return try Document.parse(text, file: "f.yaml", overrides: overrides).root
}

/// A temporary folder with some files, removed after use.
func withFiles<Result>(
  _ files: [String: String], _ body: (_ folder: String) throws -> Result
) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("expt-document-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  for (name, text) in files {
    let file = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
  return try body(folder.path)
}

/// A small generator with a seed (SplitMix64), so that a failing case can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
