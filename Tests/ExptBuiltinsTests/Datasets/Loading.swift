import ExptComponents
import ExptTestSupport
import Testing

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
