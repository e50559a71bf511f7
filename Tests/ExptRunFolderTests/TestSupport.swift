import ExptFiles
import Foundation

/// A folder of its own for a test, removed with the object.
final class TemporaryFolder {
  let path: String
  init() throws {
    path = try ExclusiveFolder.make(
      FileManager.default.temporaryDirectory.path + "/expt-run-\(UInt64.random(in: 0 ... .max))")
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
  func file(_ name: String) -> String { FilePath.join(path, name) }
}

/// All files below a folder with their bytes.
func contents(of folder: String) throws -> [String: [UInt8]] {
  var found: [String: [UInt8]] = [:]
  for name in try FilePath.names(in: folder) {
    let path = FilePath.join(folder, name)
    if FilePath.isFolder(path) {
      for (inner, bytes) in try contents(of: path) { found[name + "/" + inner] = bytes }
    } else {
      found[name] = try FileBytes.read(path)
    }
  }
  return found
}

/// The names of the files that are not the same on both sides.
func differences(_ a: [String: [UInt8]], _ b: [String: [UInt8]]) -> [String] {
  Set(a.keys).union(b.keys).filter { a[$0] != b[$0] }.sorted()
}
