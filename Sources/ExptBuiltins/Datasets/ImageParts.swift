import ExptComponents
import ExptFiles

/// The training, validation and test images: the folders that the settings name, else those that lie
/// as `train`, `val` and `test` in one folder, else the parts that a list says.
struct ImageParts: Sendable {
  let train: ImageFolder
  let validation: ImageFolder?
  let test: ImageFolder?
  /// What was taken for what.
  let notes: [String]

  private static let validationNames = ["val", "valid", "validation"]

  init(_ settings: Images, _ environment: DataEnvironment) throws(DataProblem) {
    let root = try DataFolder.resolve(settings.path, environment)
    func named(_ path: WrittenPath?) throws(DataProblem) -> String? {
      if let path { try DataFolder.resolve(path, environment) } else { nil }
    }
    var paths = (
      train: root, validation: try named(settings.validationPath),
      test: try named(settings.testPath)
    )
    let (table, list) = (try named(settings.labels), try named(settings.partsFile))
    let layout = list == nil ? Self.layout(root) : nil
    if let layout {
      paths.train = layout.train
      // Images held out replace those that nobody asked for.
      if settings.split.validation.isZero {
        paths.validation = paths.validation ?? layout.validation
      }
      if settings.heldOut.test.isZero { paths.test = paths.test ?? layout.test }
    }
    let labels = try table.map { path throws(DataProblem) in try ImageTable(path) }
    func folder(_ path: String) throws(DataProblem) -> ImageFolder {
      let folder = try ImageFolder(
        path, environment.edition, mixesLevels: labels != nil || list != nil)
      return try labels?.annotating(folder, leavesOut: settings.onError == .skip) ?? folder
    }
    let whole = try folder(paths.train)
    func other(_ path: String?) throws(DataProblem) -> ImageFolder? {
      guard let path else { return nil }
      return labels == nil ? try folder(path).labelled(as: whole) : try folder(path)
    }
    var notes = layout.map { Self.notes(root, $0, paths.validation, paths.test) } ?? []
    notes += labels?.notes ?? []
    let divides = settings.split.validation.isZero && settings.heldOut.test.isZero
    if let parts = try ListedParts(list, labels: labels, isUsed: divides, of: root) {
      self = try parts.divide(whole, notes)
      return
    }
    (train, self.notes) = (whole, notes)
    validation = try other(paths.validation)
    test = try other(paths.test)
  }

  init(train: ImageFolder, validation: ImageFolder?, test: ImageFolder?, notes: [String]) {
    (self.train, self.validation, self.test, self.notes) = (train, validation, test, notes)
  }

  /// The parts that have a folder of their own.
  var own: Set<DataPart> {
    Set([(DataPart.validation, validation), (.test, test)].filter { $0.1 != nil }.map(\.0))
  }

  /// Whether only some of the files of a part are wanted.
  func isSampled(_ environment: DataEnvironment) -> Bool {
    let most = environment.sample ?? .max
    return [train, validation, test].contains { $0.map { $0.files.count > most } ?? false }
  }

  func folder(of part: DataPart) -> ImageFolder {
    switch part {
    case .train: train
    case .validation: validation ?? train
    case .test: test ?? train
    }
  }

  /// The parts in a folder whose only folders are `train` and at least one of the others.
  private static func layout(
    _ root: String
  ) -> (train: String, validation: String?, test: String?)? {
    let names = ((try? FilePath.names(in: root)) ?? []).filter {
      !$0.hasPrefix(".") && FilePath.isFolder(FilePath.join(root, $0))
    }
    let parts = ["train", "test"] + validationNames
    guard names.contains("train"), names.count > 1, names.allSatisfy(parts.contains) else {
      return nil
    }
    let validation = validationNames.first(where: names.contains)
    return (
      FilePath.join(root, "train"), validation.map { FilePath.join(root, $0) },
      names.contains("test") ? FilePath.join(root, "test") : nil
    )
  }

  private static func notes(
    _ root: String, _ layout: (train: String, validation: String?, test: String?),
    _ validation: String?, _ test: String?
  ) -> [String] {
    let taken = [("train on", layout.train), ("validate on", validation), ("test on", test)]
      .compactMap { use, path in path.map { "\(FilePath.name(of: $0)) to \(use)" } }
    let unused = [layout.validation, layout.test].compactMap(\.self)
      .filter { $0 != validation && $0 != test }
    let rest = unused.isEmpty ? "" : "; not used: " + unused.joined(separator: ", ")
    return ["\(root): using \(taken.joined(separator: ", "))\(rest)"]
  }
}
