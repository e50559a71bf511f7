import ExptComponents
import ExptFiles

/// What `expt init --data PATH` found at a path: the dataset that reads it, and what it holds.
struct FoundData {
  /// `2,000 pictures of 30 sizes`: the object of a sentence.
  var title: String
  /// Whether the title says how many there are.
  var saysCount = false
  /// `type`, the paths, and what the dataset needs to be told.
  var lines: [StartingLine]
  /// What was seen that no line says, one sentence each.
  var remarks: [String] = []
  /// Whether what its numbers are to become can be said: `divisor`, `range`, `standardize`.
  var isArray = false
  /// Whether there are images of their own to validate and to test with.
  var hasValidation = false
  var hasTest = false
  /// Whether the columns say what they are: a table of a file that names them.
  var hasColumns = false

  /// Looks at what is there.
  ///
  /// - Throws: `CommandFailure` if nothing is there, or nothing that can be read; `DataProblem`.
  static func look(_ path: String, _ environment: DataEnvironment) throws -> FoundData {
    guard FilePath.exists(path) else {
      throw CommandFailure(
        .noInput,
        "\(path): there is no such file or folder." + FilePath.remark(onMissing: path))
    }
    if FilePath.isFolder(path) {
      return try idxFolder(path) ?? pictures(path, environment)
    }
    let name = FilePath.name(of: path).lowercased()
    func ends(_ endings: String...) -> Bool { endings.contains { name.hasSuffix($0) } }
    if ends(".npy") { return npy(path) }
    if ends(".npz") { return npz(path) }
    if ends(".csv", ".tsv", ".csv.gz", ".tsv.gz") { return try table(path) }
    if ends("ubyte", "ubyte.gz", ".idx", ".idx.gz") || (try? IDX.readShape(path)) != nil {
      return idx(path)
    }
    throw CommandFailure(
      .data,
      "\(path): expt cannot read this; it reads a folder of pictures, an .npy, .npz or IDX file, "
        + "or a .csv table")
  }
}

extension FoundData {
  /// The built-in digits, for a file that shows how one is written.
  static let digits = FoundData(
    title: "drawn digits, which are built in", saysCount: true,
    lines: [
      StartingLine(
        "type", "digits", because: "'expt init NAME --data PATH' writes this for your data"),
      StartingLine("train", "12000"), StartingLine("test", "2000"),
    ], hasTest: true)
}
