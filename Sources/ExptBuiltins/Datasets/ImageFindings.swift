import ExptComponents
import ExptFiles

/// Findings that many files share and that are reported once, in whatever order files are read.
struct ImageFindings: Sendable {
  /// The problem of the first file that has one.
  var problem: DataProblem? { first?.problem }

  private var first: (index: Int, problem: DataProblem)?
  private var transparent = 0
  /// By oddity, the files that have it.
  private var odd: [(index: Int, oddity: String)] = []

  mutating func add(_ problem: DataProblem, at index: Int) {
    if first.map({ index < $0.index }) ?? true { first = (index, problem) }
  }

  mutating func add(_ reading: ImageReading, at index: Int) {
    if reading.isTransparent { transparent += 1 }
    if let oddity = reading.oddities.first { odd.append((index, oddity)) }
  }

  /// Sentences without a full stop.
  func notes(of files: [ImageFolder.File], background: UInt8) -> [String] {
    var notes: [String] = []
    if transparent > 0 {
      let grey = background == 0 ? "black" : background == 255 ? "white" : "the grey \(background)"
      notes.append(
        "\(transparent) of \(files.count) pictures have transparent pixels, which are drawn on "
          + "\(grey); 'background' sets another grey, such as \(background == 255 ? 0 : 255)")
    }
    if let example = odd.min(by: { $0.index < $1.index }) {
      let others = odd.count == 1 ? "" : " (\(odd.count) pictures are odd in this or another way)"
      notes.append(
        "\(files[example.index].path): \(example.oddity); it is read anyway\(others)")
    }
    return notes
  }
}
