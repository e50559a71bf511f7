/// The header of a `.npy` file, a Python dictionary such as
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
struct NPYHeader {
  /// NumPy's name of the element type, such as `<f4`; `records` for a record of several.
  let typeName: String
  /// Nil for a type that is not read.
  let type: NPYArray.ElementType?
  let isBigEndian: Bool
  let isFortran: Bool
  let shape: [Int]

  init(_ text: [UInt8], path: String) throws(FileProblem) {
    var scanner = Scanner(text: text, path: path)
    var (description, isFortran, shape): (String?, Bool?, [Int]?) = (nil, nil, nil)
    try scanner.expect("{")
    while !scanner.take("}") {
      let key = try scanner.string()
      try scanner.expect(":")
      switch key {
      case "descr": description = try scanner.typeName()
      case "fortran_order": isFortran = try scanner.truth()
      case "shape": shape = try scanner.tuple()
      default: throw scanner.problem("has the unknown key '\(key)'")
      }
      if !scanner.take(",") {
        try scanner.expect("}")
        break
      }
    }
    guard let description, let isFortran, let shape else {
      throw scanner.problem("has not all of 'descr', 'fortran_order' and 'shape'")
    }
    typeName = description
    let order = description.first ?? "|"
    type =
      "<>|=".contains(order) ? NPYArray.ElementType(rawValue: String(description.dropFirst())) : nil
    isBigEndian = order == ">"
    self.isFortran = isFortran
    self.shape = shape
  }

  /// What the elements are, in words: `Python objects (pickled)`, `text`.
  var kind: String {
    switch typeName == "records" ? "V" : typeName.drop(while: { "<>|=".contains($0) }).first {
    case "O": "Python objects (pickled)"
    case "U", "S", "a": "text"
    case "M": "dates"
    case "m": "durations"
    case "c": "complex numbers"
    case "V": "records"
    default: "elements of type '\(typeName)'"
    }
  }

  /// The type of the elements.
  ///
  /// - Throws: `unsupported` if it is not read.
  func supportedType(path: String) throws(FileProblem) -> NPYArray.ElementType {
    if let type { return type }
    throw FileProblem(
      .unsupported, "holds \(kind); booleans, integers, f2, f4 and f8 are supported.", path: path)
  }

  private struct Scanner {
    let text: [UInt8]
    let path: String
    var position = 0

    init(text: [UInt8], path: String) { (self.text, self.path) = (text, path) }

    func problem(_ what: String) -> FileProblem {
      FileProblem(.malformed, "its .npy header \(what).", path: path)
    }

    /// Steps over white space and then `word`, if that is next.
    mutating func take(_ word: String) -> Bool {
      while position < text.count, text[position] == 32 || (9...13).contains(text[position]) {
        position += 1
      }
      guard text[position...].starts(with: word.utf8) else { return false }
      position += word.utf8.count
      return true
    }

    mutating func expect(_ word: String) throws(FileProblem) {
      if !take(word) { throw problem("has no '\(word)'") }
    }

    /// Text in single or double quotes; a list in its place, the fields of a record, is `records`.
    mutating func typeName() throws(FileProblem) -> String {
      guard take("[") else { return try string() }
      var depth = 1
      while depth > 0 {
        if take("[") {
          depth += 1
        } else if take("]") {
          depth -= 1
        } else if position < text.count, text[position] == 39 || text[position] == 34 {
          _ = try string()
        } else {
          position += 1
          if position >= text.count { throw problem("ends inside a list") }
        }
      }
      return "records"
    }

    /// Text in single or double quotes.
    mutating func string() throws(FileProblem) -> String {
      guard take("'") || take("\"") else { throw problem("has no quoted text") }
      let quote = text[position - 1]
      guard let end = text[position...].firstIndex(of: quote) else {
        throw problem("ends inside a quoted text")
      }
      defer { position = end + 1 }
      return String(decoding: text[position..<end], as: UTF8.self)
    }

    mutating func truth() throws(FileProblem) -> Bool {
      if take("True") { return true }
      if take("False") { return false }
      throw problem("has no True or False")
    }

    /// `()`, `(3,)`, `(3, 4)`; Python 2 wrote `(3L, 4L)`.
    mutating func tuple() throws(FileProblem) -> [Int] {
      var sizes: [Int] = []
      try expect("(")
      while !take(")") {
        let digits = text[position...].prefix { (48...57).contains($0) }
        guard let size = Int(String(decoding: digits, as: UTF8.self)), sizes.count < 32 else {
          throw problem("has no valid shape")
        }
        position += digits.count
        sizes.append(size)
        _ = take("L")
        if !take(",") {
          try expect(")")
          break
        }
      }
      return sizes
    }
  }
}
