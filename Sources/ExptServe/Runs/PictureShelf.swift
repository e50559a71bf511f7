import Foundation
import ExptFiles
import ExptRunFolder

/// The pictures that training wrote, by kind and epoch.
struct PictureShelf: Sendable {
  private struct Found: Sendable {
    var kind: String
    var epoch: Int
    var name: String
  }

  private let folder: RunFolder
  private let found: [Found]

  init(_ folder: RunFolder) {
    self.folder = folder
    let names = (try? FilePath.names(in: folder.imagesFolder)) ?? []
    var best: [String: Found] = [:]
    for name in names {
      guard let one = Self.parse(name) else { continue }
      let key = "\(one.kind) \(one.epoch)"
      // The same pixels in another format: PNG is what the page takes.
      if best[key] == nil || name.hasSuffix(".png") { best[key] = one }
    }
    found = best.values.sorted { ($0.kind, $0.epoch) < ($1.kind, $1.epoch) }
  }

  /// `reconstructions-epoch-0010.png`.
  private static func parse(_ name: String) -> Found? {
    guard let dot = name.lastIndex(of: "."),
      ["png", "pgm", "ppm"].contains(name[dot...].dropFirst())
    else { return nil }
    let stem = name[..<dot]
    guard let range = stem.range(of: "-epoch-", options: .backwards),
      let epoch = Int(stem[range.upperBound...]), range.lowerBound > stem.startIndex
    else { return nil }
    return Found(kind: String(stem[..<range.lowerBound]), epoch: epoch, name: name)
  }

  /// Epochs by kind.
  var json: JSONValue {
    var kinds = JSONObject()
    for one in found {
      kinds[one.kind] = .array((kinds[one.kind]?.array ?? []) + [JSONValue(one.epoch)])
    }
    return .object(kinds)
  }

  /// The picture of a kind at an epoch: of those there are, as the page knows them from `json`.
  func picture(_ kind: String, epoch: Int) throws(Refusal) -> Image8 {
    guard let one = found.first(where: { $0.kind == kind && $0.epoch == epoch }),
      let path = folder.ownFile(FilePath.join(folder.imagesFolder, one.name))
    else { throw .missing("this run has no such picture") }
    do { return try Image8.read(path, limit: 16 << 20) } catch {
      throw Refusal(500, "the picture cannot be read: \(error.message)")
    }
  }
}
