import ExptComponents
import ExptFiles
import Foundation
import Testing

/// A folder of a test's own, removed with the value.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let temporary = FileManager.default.temporaryDirectory.path
    path = try ExclusiveFolder.make(FilePath.join(temporary, "expt-test-\(UUID().uuidString)"))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, and the folders above it, and returns its path.
  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = FilePath.join(path, name)
    try ExclusiveFolder.makeAll(FilePath.folder(of: file))
    try AtomicFile.write(bytes, to: file)
    return file
  }

  /// The names in a folder below.
  func names(in folder: String = "") throws -> [String] {
    try FilePath.names(in: FilePath.join(path, folder))
  }
}

extension DataEnvironment {
  /// Never downloads; collects nothing.
  static func offline(_ folder: TemporaryFolder, wanted: DataParts = .all) -> DataEnvironment {
    DataEnvironment(
      dataFolder: folder.path, workingFolder: folder.path, wanted: wanted, allowsDownload: false)
  }
}

/// The message of the problem that `body` throws, or an empty text (and an issue) if it throws none.
func message(
  of kind: DataProblem.Kind, _ location: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) -> String {
  let problem = #expect(throws: DataProblem.self, sourceLocation: location) { try body() }
  #expect(problem?.kind == kind, sourceLocation: location)
  return problem?.message ?? ""
}

extension ImageSet {
  var bytes: [UInt8]? {
    if case .bytes(let bytes) = pixels { bytes } else { nil }
  }
  var floats: [Float]? {
    if case .floats(let floats) = pixels { floats } else { nil }
  }
}
