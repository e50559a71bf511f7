import ExptComponents
import ExptFiles

/// A table of pictures by name: their labels, factors, and the parts they belong to.
///
/// The columns are known by their names (see `columnNames`), or else the first holds the names of the
/// files and the second the labels. Labels that are not whole numbers are classes, numbered by name;
/// further columns of numbers are factors.
struct ImageTable: Sendable {
  struct Row: Sendable {
    /// Where it stands in the file, for messages.
    var number: Int
    var label: Int32?
    var factors: [Float] = []
    var part: DataPart?
  }

  let path: String
  /// Of labels that are names, in their order.
  private(set) var classes: [String] = []
  private(set) var factors: [String] = []
  private(set) var hasLabels = false
  private(set) var hasParts = false
  /// Sentences about what was taken for what.
  private(set) var notes: [String] = []
  private var rows: [String: Row] = [:]

  /// What columns may be called, in lower case.
  static let columnNames = (
    files: [
      "file", "filename", "file_name", "filepath", "file_path", "path", "image", "image_name",
      "image_id", "image_path", "img", "picture", "photo", "name", "id",
    ],
    labels: ["label", "labels", "class", "classes", "target", "category", "y"],
    parts: ["split", "partition", "part", "set", "subset"]
  )

  /// - Parameter wantsParts: Whether the numbers 0, 1 and 2 in a table without a header are parts.
  /// - Throws: `missing`, or `malformed` for a table that names no pictures, one of them twice, or
  ///   a part that does not exist.
  init(_ path: String, wantsParts: Bool = false) throws(DataProblem) {
    self.path = path
    let cells = try NamedCells(path)
    let columns = Columns(cells, wantsParts: wantsParts)
    hasParts = columns.part != nil
    var labels: [String] = []
    for (index, cell) in cells.rows.enumerated() {
      var row = Row(number: index + (cells.header == nil ? 1 : 2))
      if let place = columns.label { labels.append(cell[place]) }
      row.factors = columns.factors.map { Float(cell[$0]) ?? 0 }
      if let place = columns.part {
        guard let part = Self.part(cell[place]) else {
          throw problem(
            row, "has '\(cell[place])' for its part; write train, validation or test, or 0, 1 or 2")
        }
        row.part = part
      }
      let name = Self.plain(cell[columns.file])
      if let other = rows[name] {
        throw problem(row, "names '\(name)', as row \(other.number) does; keep one of them")
      }
      rows[name] = row
      names.append(name)
    }
    if columns.label != nil { try setLabels(labels) }
    factors = columns.factors.map { cells.title($0) }
    if !columns.ignored.isEmpty {
      let titles = columns.ignored.map { "'\(cells.title($0))'" }.prefix(8)
      notes.append(
        "\(path): columns that are neither numbers nor labels are not used: "
          + titles.joined(separator: ", "))
    }
  }

  /// In the order of the file.
  private var names: [String] = []

  var count: Int { rows.count }

  /// The names of each part, in the order of the file.
  var namesByPart: [DataPart: [String]] {
    var parts: [DataPart: [String]] = [:]
    for name in names { rows[name]?.part.map { parts[$0, default: []].append(name) } }
    return parts
  }

  /// The row of a file of a folder: by its name there, with or without the folder's own name, its
  /// sub-folder or its ending.
  func row(of file: ImageFolder.File, in folder: String) -> Row? {
    let base = FilePath.name(of: file.name)
    let candidates = [
      file.name, FilePath.join(FilePath.name(of: folder), file.name), base,
      Self.withoutEnding(file.name), Self.withoutEnding(base),
    ]
    return candidates.lazy.compactMap { rows[$0] }.first
  }

  func problem(_ row: Row, _ what: String) -> DataProblem {
    DataProblem(.malformed, "\(path): row \(row.number) \(what)")
  }

  private mutating func setLabels(_ labels: [String]) throws(DataProblem) {
    hasLabels = true
    if let empty = labels.firstIndex(of: ""), let row = rows[names[empty]] {
      throw problem(row, "has no label; give it one, or take it out")
    }
    let numbers = labels.map { Int32($0).flatMap { (0..<1 << 16).contains($0) ? $0 : nil } }
    let isNumbered = !numbers.contains(nil)
    if !isNumbered {
      classes = Set(labels).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      let shown = classes.prefix(10).enumerated().map { "\($0.element) is \($0.offset)" }
      let more = classes.count > 10 ? " and \(classes.count - 10) more" : ""
      notes.append("\(path): classes by name: \(shown.joined(separator: ", "))\(more)")
    }
    let places = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Int32($0)) })
    for (index, name) in names.enumerated() {
      rows[name]?.label = isNumbered ? numbers[index] : places[labels[index]]
    }
  }

  /// What a word or number says about the part a picture belongs to; 0, 1, 2 as CelebA has them.
  static func part(_ text: String) -> DataPart? {
    switch text.lowercased() {
    case "train", "training", "0": .train
    case "validation", "val", "valid", "dev", "1": .validation
    case "test", "testing", "2": .test
    default: nil
    }
  }

  private static func plain(_ name: String) -> String {
    String(name.hasPrefix("./") ? name.dropFirst(2) : name[...])
  }

  private static func withoutEnding(_ name: String) -> String {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }

  /// Which column is which.
  private struct Columns {
    var file = 0
    var label: Int?
    var part: Int?
    var factors: [Int] = []
    var ignored: [Int] = []

    init(_ cells: NamedCells, wantsParts: Bool) {
      let titles = (cells.header ?? []).map { $0.lowercased() }
      func named(_ names: [String]) -> Int? {
        names.lazy.compactMap { titles.firstIndex(of: $0) }.first
      }
      let (file, label) = (named(columnNames.files), named(columnNames.labels))
      part = named(columnNames.parts)
      self.file = file ?? 0
      let rest = (0..<cells.width).filter { $0 != self.file && $0 != part && $0 != label }
      self.label = label ?? (file == nil || rest.count == 1 ? rest.first : nil)
      // A list without a header: of names and parts, if that is wanted or said in words.
      if cells.header == nil, let only = self.label, cells.width == 2,
        cells.rows.allSatisfy({
          ImageTable.part($0[only]) != nil && (wantsParts || Int($0[only]) == nil)
        })
      {
        (part, self.label) = (only, nil)
      }
      for place in rest where place != self.label && place != part {
        let isNumeric = cells.rows.allSatisfy { Float($0[place])?.isFinite == true }
        if isNumeric { factors.append(place) } else { ignored.append(place) }
      }
    }
  }
}
