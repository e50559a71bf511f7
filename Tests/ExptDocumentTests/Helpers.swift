import ExptDocument
import ExptTestSupport
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
  let folder = TemporaryFolder()
  for (name, text) in files { try folder.write(text, to: name) }
  return try body(folder.path)
}
