import ExptComponents
import ExptFiles

extension NPYArray {
  /// What an array of labels turns out to be.
  enum Labels {
    /// A class for each image.
    case classes([Int32])
    /// As many as there are images, and no classes: what they are instead.
    case others(String)
  }

  /// The labels of `count` images: whole numbers [n] or [n, 1], or one-hot rows [n, classes].
  ///
  /// - Returns: Nil if the array is not of `count` rows.
  func labels(count: Int) -> Labels? {
    guard shape.first == count else { return nil }
    if shape.count == 1 || (shape.count == 2 && shape[1] == 1) { return classes }
    guard shape.count == 2 else { return .others("values of the shape \(shape)") }
    return hottest.map(Labels.classes) ?? .others("\(shape[1]) values per image")
  }

  private var classes: Labels {
    let values = integers.map { $0.map(Double.init) } ?? doubles
    if let index = values.firstIndex(where: { Int32(exactly: $0) == nil }) {
      return .others(
        "numbers other than 32-bit integers: row \(index) is \(rounded(values[index]))")
    }
    return .classes(values.map { Int32($0) })
  }

  /// The place of the one 1 in each row, where all other values are 0.
  private var hottest: [Int32]? {
    let (values, width) = (doubles, shape[1])
    guard width > 1 else { return nil }
    var classes: [Int32] = []
    for start in stride(from: 0, to: values.count, by: width) {
      let row = values[start..<start + width]
      guard let hot = row.firstIndex(of: 1), row.allSatisfy({ $0 == 0 || $0 == 1 }),
        row.lastIndex(of: 1) == hot
      else { return nil }
      classes.append(Int32(hot - start))
    }
    return classes
  }
}

/// Labels of images that need none: what is not a class is skipped with a note.
struct ArrayLabels {
  private(set) var notes: [String] = []

  /// The labels in an array; nil if it holds none that can be used.
  ///
  /// - Parameters:
  ///   - isNamed: Whether this array was asked for by name: then it must have one row per image.
  ///   - read: Reads the array; nil if there is none.
  /// - Throws: `malformed` for a named array of another number of rows; what a named file that is
  ///   missing throws.
  mutating func classes(
    count: Int, title: String, isNamed: Bool, _ read: () throws(FileProblem) -> NPYArray?
  ) throws(DataProblem) -> [Int32]? {
    let array: NPYArray
    do throws(FileProblem) {
      guard let found = try read() else { return nil }
      array = found
    } catch {
      guard error.code == .unsupported || !isNamed else { throw DataProblem(error) }
      passOver(title, error.code == .unsupported ? error.message : "cannot be read")
      return nil
    }
    switch array.labels(count: count) {
    case .classes(let classes): return classes
    case .others(let what):
      passOver(title, "holds \(what)")
      return nil
    case nil:
      let problem = "its shape \(array.shape) is not that of labels for \(count) images"
      guard !isNamed else { throw DataProblem(.malformed, "\(title): \(problem)") }
      passOver(title, problem)
      return nil
    }
  }

  private mutating func passOver(_ title: String, _ reason: String) {
    let reason = reason.hasSuffix(".") ? String(reason.dropLast()) : reason
    notes.append(
      "\(title): \(reason), so the images have no labels, which training does not need; labels "
        + "are whole numbers, one per image, or one-hot rows ('labels: null' leaves them out)"
    )
  }
}
