import ExptComponents
import ExptData
import ExptFiles
import ExptTensor

/// The pictures of a folder, decoded, and what was found meanwhile.
struct DecodedImages: Sendable {
  let folder: ImageFolder
  let shape: Shape
  /// [files, channels, height, width], bytes, in memory or in the file of the cache; those that could not be
  /// read are black.
  let pixels: ImageSet.Pixels
  let findings: ImageFindings
  /// XXH64 of each file.
  let digests: [UInt64]

  /// Those that could be read, with labels and factors.
  var images: ImageSet {
    let files = folder.files
    let labels = files.compactMap(\.label)
    var set = ImageSet(
      shape: shape, count: files.count, pixels: pixels,
      labels: labels.count == files.count ? labels : nil,
      factors: folder.factors.enumerated().map { place, name in
        (name, files.map { $0.factors[place] })
      })
    set.classNames = folder.classes.isEmpty ? nil : folder.classes
    if files.enumerated().contains(where: { $0.offset != $0.element.row }) {
      set.rows = files.map(\.row)
    }
    if findings.unreadable.isEmpty { return set }
    let isLeftOut = Set(findings.unreadable.map(\.index))
    return set.selecting(files.indices.filter { !isLeftOut.contains($0) }[...])
  }

  func notes(background: UInt8) -> [String] {
    let unreadable = Self.list(findings.unreadable.map(\.problem), separator: "; ")
    let skipped =
      findings.unreadable.isEmpty
      ? []
      : [
        "\(folder.path): \(findings.unreadable.count) of \(folder.files.count) pictures cannot be "
          + "read and are left out: \(unreadable)"
      ]
    let stored = pixels.stored.map {
      "\(folder.path): its \(folder.files.count) pictures need more memory than 'memory' allows, and "
        + "stay in the cache: \($0.reading)"
    }
    return (stored.map { [$0] } ?? []) + folder.notes + skipped
      + findings.notes(of: folder.files, background: background)
  }

  /// All that is wrong with the pictures of some folders, as one problem; nil if nothing is.
  ///
  /// - Parameter skips: Whether those that cannot be read are left out.
  static func problem(_ parts: [DecodedImages], skips: Bool) -> DataProblem? {
    for part in parts {
      let mixture = part.findings.mixture(
        of: part.folder.files, expected: part.shape, folder: part.folder.path)
      if let mixture { return mixture }
    }
    let unreadable = parts.flatMap(\.findings.unreadable).map(\.problem)
    guard let first = unreadable.first else { return nil }
    // What no picture is to blame for is not skipped.
    if let absent = unreadable.first(where: { $0.message == JPEG.advice }) {
      return DataProblem(absent)
    }
    let total = parts.reduce(0) { $0 + $1.folder.files.count }
    if skips {
      let empty = parts.first { $0.findings.unreadable.count == $0.folder.files.count }
      return empty.map {
        DataProblem(.malformed, "\($0.folder.path): none of its pictures can be read: \(first)")
      }
    }
    var problem = DataProblem(first)
    let remedy = "'on_error: skip' leaves out what cannot be read"
    problem.message =
      unreadable.count == 1
      ? "\(problem.message) (\(remedy))"
      : "\(unreadable.count) of \(total) pictures cannot be read; \(remedy):\n  "
        + list(unreadable, separator: "\n  ")
    return problem
  }

  /// Not worth keeping where nothing comes of them, or where reading a file failed, which may go better next
  /// time.
  var areWorthKeeping: Bool {
    findings.others.isEmpty && findings.unreadable.allSatisfy { $0.problem.isDamage }
  }

  private static func list(_ problems: [FileProblem], separator: String) -> String {
    let shown = problems.prefix(20).map(\.description).joined(separator: separator)
    return shown + (problems.count > 20 ? "\(separator)and \(problems.count - 20) more" : "")
  }
}
