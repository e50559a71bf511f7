import ExptComponents
import ExptFiles
import ExptTensor

/// What is found while many files are read, reported once, in whatever order they are read.
struct ImageFindings: Sendable {
  struct Odd: Sendable {
    var index: Int
    var oddity: String
  }
  struct Unreadable: Sendable {
    var index: Int
    var problem: FileProblem
  }

  var transparent = 0
  /// The first oddity of each file that has one.
  var odd: [Odd] = []
  var unreadable: [Unreadable] = []
  /// By shape, the pictures that have another than the first one, and the first of those.
  private(set) var others: [Shape: (count: Int, first: Int)] = [:]

  mutating func add(_ problem: FileProblem, at index: Int) {
    unreadable.append(Unreadable(index: index, problem: problem))
  }

  mutating func add(_ reading: ImageReading, at index: Int) {
    if reading.isTransparent { transparent += 1 }
    if let oddity = reading.oddities.first { odd.append(Odd(index: index, oddity: oddity)) }
  }

  mutating func add(_ shape: Shape, at index: Int) {
    let known = others[shape] ?? (0, index)
    others[shape] = (known.count + 1, min(known.first, index))
  }

  /// To be called when all files are read: makes the order of what was found that of the files.
  mutating func sort() {
    odd.sort { $0.index < $1.index }
    unreadable.sort { $0.index < $1.index }
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
    if let example = odd.first {
      let others = odd.count == 1 ? "" : " (\(odd.count) pictures are odd in this or another way)"
      notes.append(
        "\(files[example.index].path): \(example.oddity); it is read anyway\(others)")
    }
    return notes
  }

  /// That pictures differ in size or colour, with all the sizes there are; nil if they do not.
  func mixture(of files: [ImageFolder.File], expected: Shape, folder: String) -> DataProblem? {
    guard !others.isEmpty else { return nil }
    let same = files.count - others.values.reduce(0) { $0 + $1.count } - unreadable.count
    let shapes = [(expected, same)] + others.map { ($0.key, $0.value.count) }
    var sentences: [String] = []
    let grey = shapes.filter { $0.0[0] == 1 }.reduce(0) { $0 + $1.1 }
    let all = shapes.reduce(0) { $0 + $1.1 }
    if grey > 0, grey < all {
      sentences.append(
        "\(grey) of them are grey and \(all - grey) colour: 'channels: grey' or 'channels: rgb' "
          + "makes them alike")
    }
    let sizes = Dictionary(shapes.map { (Size($0.0), $0.1) }, uniquingKeysWith: +)
    if sizes.count > 1 { sentences.append(Self.sentence(sizes)) }
    return DataProblem(
      .malformed, "\(folder): its pictures are not alike: \(sentences.joined(separator: "; "))",
      setting: sizes.count > 1 ? "size" : "channels")
  }

  private struct Size: Hashable {
    var height: Int
    var width: Int
    init(_ shape: Shape) { (height, width) = (shape[1], shape[2]) }
    var text: String { "\(height)×\(width)" }
  }

  private static func sentence(_ sizes: [Size: Int]) -> String {
    let sorted = sizes.sorted {
      ($1.value, $0.key.height, $0.key.width) < ($0.value, $1.key.height, $1.key.width)
    }
    let shown = sorted.prefix(8).map { "\($0.value) of \($0.key.text)" }.joined(separator: ", ")
    let more = sorted.count > 8 ? " and \(sorted.count - 8) more" : ""
    let least = sizes.keys.map { min($0.height, $0.width) }.min() ?? 1
    let proposal = [256, 128, 64, 32, 16].first { $0 <= least } ?? least
    return "they have \(sizes.count) sizes (height×width): \(shown)\(more); 'size' makes them one, "
      + "such as 'size: \(proposal)'"
  }
}
