/// A Python pickle as data: names and arguments of what it would call are kept, and nothing is ever
/// called. Reads what protocols 0 to 5 need for numbers, text, lists, dictionaries and NumPy arrays.
///
/// Source: CPython, `Lib/pickletools.py`.
package struct Pickle {
  package indirect enum Value {
    case none
    case int(Int)
    case float(Double)
    case bytes(ArraySlice<UInt8>)
    case list([Value])
    case dictionary([(key: Value, value: Value)])
    /// `module name` of a class or function.
    case name(String)
    /// What a call of `function` would make, and then be given as its state.
    case made(function: Value, arguments: Value, state: Value?)

    /// Text and byte strings alike.
    package var text: String? {
      if case .bytes(let bytes) = self { String(validating: bytes, as: UTF8.self) } else { nil }
    }
    package var int: Int? { if case .int(let value) = self { value } else { nil } }
    package var list: [Value]? { if case .list(let values) = self { values } else { nil } }

    /// The value of a key that is text.
    package subscript(key: String) -> Value? {
      guard case .dictionary(let entries) = self else { return nil }
      return entries.first { $0.key.text == key }?.value
    }
  }

  /// - Throws: `malformed`, `truncated`, or `unsupported` for what data have no need of.
  package static func parse(_ bytes: [UInt8], path: String) throws(FileProblem) -> Value {
    var machine = PickleMachine(ByteReader(bytes, path: path, part: "the pickle"))
    while true {
      if let value = try machine.step() { return value }
    }
  }
}

/// The stack that the instructions of a pickle work on.
private struct PickleMachine {
  private var reader: ByteReader
  private var stack: [Item] = []
  /// Where in the stack lists begin.
  private var marks: [Int] = []
  private var memo: [Int: Item] = [:]

  /// Values are freed from the inside out, one call in another: so deep and no deeper.
  private static let mostDepth = 64

  /// Entries of lists and dictionaries copied so far: a pickle that adds them singly to a long list
  /// would take forever.
  private var copied = 0

  private struct Item {
    var value: Pickle.Value
    var depth = 1
  }

  init(_ reader: ByteReader) { self.reader = reader }

  private func problem(_ what: String) -> FileProblem {
    FileProblem(
      .malformed, "this pickle cannot be read: \(what).", path: reader.path,
      offset: reader.position)
  }

  private mutating func push(_ value: Pickle.Value, of parts: [Item] = []) throws(FileProblem) {
    let depth = 1 + (parts.map(\.depth).max() ?? 0)
    guard depth <= Self.mostDepth else { throw problem("it is nested too deeply") }
    stack.append(Item(value: value, depth: depth))
  }

  private mutating func pop() throws(FileProblem) -> Item {
    guard stack.count > (marks.last ?? 0), let item = stack.popLast() else {
      throw problem("something is missing")
    }
    return item
  }

  /// What lies above the last mark.
  private mutating func popMark() throws(FileProblem) -> [Item] {
    guard let mark = marks.popLast(), mark <= stack.count else {
      throw problem("a mark is missing")
    }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func collect(_ count: Int) throws(FileProblem) {
    var items: [Item] = []
    for _ in 0..<count { items.insert(try pop(), at: 0) }
    try push(.list(items.map(\.value)), of: items)
  }

  private mutating func extend(_ items: [Item]) throws(FileProblem) {
    let target = try pop()
    guard var values = target.value.list else { throw problem("a list is missing") }
    try count(values.count)
    values += items.map(\.value)
    try push(.list(values), of: items)
  }

  private mutating func set(_ items: [Item]) throws(FileProblem) {
    guard case .dictionary(var entries) = try pop().value, items.count % 2 == 0 else {
      throw problem("a dictionary is missing")
    }
    try count(entries.count)
    for place in stride(from: 0, to: items.count, by: 2) {
      entries.append((items[place].value, items[place + 1].value))
    }
    try push(.dictionary(entries), of: items)
  }

  private mutating func count(_ copies: Int) throws(FileProblem) {
    copied += copies
    guard copied <= 1 << 26 else { throw problem("it is built from too many pieces") }
  }

  private mutating func make() throws(FileProblem) {
    let (arguments, function) = (try pop(), try pop())
    try push(
      .made(function: function.value, arguments: arguments.value, state: nil),
      of: [arguments, function])
  }

  private mutating func build() throws(FileProblem) {
    let (state, target) = (try pop(), try pop())
    guard case .made(let function, let arguments, _) = target.value else {
      throw problem("an object is missing")
    }
    try push(
      .made(function: function, arguments: arguments, state: state.value), of: [state, target])
  }

  private mutating func remember(_ place: Int) throws(FileProblem) {
    guard let item = stack.last else { throw problem("something is missing") }
    memo[place] = item
  }

  private mutating func recall(_ place: Int) throws(FileProblem) {
    guard let item = memo[place] else { throw problem("something is missing") }
    stack.append(item)
  }

  private mutating func bytes(_ count: Int?) throws(FileProblem) {
    guard let count else { throw problem("a size is impossible") }
    try push(.bytes(try reader.slice(count)))
  }

  private mutating func line() throws(FileProblem) -> ArraySlice<UInt8> {
    guard let end = reader.bytes[reader.position..<reader.end].firstIndex(of: 10) else {
      throw reader.truncated(1)
    }
    let line = try reader.slice(end - reader.position)
    try reader.skip(1)
    return line
  }

  /// A little-endian number of up to eight bytes.
  private mutating func long(_ count: Int) throws(FileProblem) {
    let bytes = try reader.slice(count)
    guard bytes.count <= 8 else { throw problem("a number is too large") }
    var value = bytes.last.map { $0 >= 0x80 } == true ? -1 : 0
    for byte in bytes.reversed() { value = value << 8 | Int(byte) }
    try push(.int(value))
  }

  /// Takes one instruction. Returns the whole at the last.
  mutating func step() throws(FileProblem) -> Pickle.Value? {
    let code = try reader.byte()
    switch Unicode.Scalar(code) {
    case "\u{80}": try reader.skip(1)
    case "\u{95}": try reader.skip(8)
    case ".": return try pop().value
    case "(": marks.append(stack.count)
    case "N": try push(.none)
    case "\u{88}": try push(.int(1))
    case "\u{89}": try push(.int(0))
    case "K": try push(.int(Int(try reader.byte())))
    case "M": try push(.int(Int(try reader.integer(UInt16.self, .little))))
    case "J": try push(.int(Int(try reader.integer(Int32.self, .little))))
    case "\u{8a}": try long(Int(try reader.byte()))
    case "G":
      try push(.float(Double(bitPattern: try reader.integer(UInt64.self, .big))))
    case "U", "C", "\u{8c}": try bytes(Int(try reader.byte()))
    case "T", "B", "X": try bytes(Int(try reader.integer(UInt32.self, .little)))
    case "\u{8d}", "\u{8e}": try bytes(Int(exactly: try reader.integer(UInt64.self, .little)))
    case "]", ")": try push(.list([]))
    case "}": try push(.dictionary([]))
    case "l", "t":
      let items = try popMark()
      try push(.list(items.map(\.value)), of: items)
    case "\u{85}": try collect(1)
    case "\u{86}": try collect(2)
    case "\u{87}": try collect(3)
    case "a": try extend([try pop()])
    case "e": try extend(try popMark())
    case "s":
      let value = try pop()
      try set([try pop(), value])
    case "u": try set(try popMark())
    case "q": try remember(Int(try reader.byte()))
    case "r": try remember(Int(try reader.integer(UInt32.self, .little)))
    case "\u{94}": try remember(memo.count)
    case "h": try recall(Int(try reader.byte()))
    case "j": try recall(Int(try reader.integer(UInt32.self, .little)))
    case "c":
      let parts = [try line(), try line()].map { String(decoding: $0, as: UTF8.self) }
      try push(.name(parts.joined(separator: " ")))
    case "\u{93}":
      let (name, module) = (try pop().value.text, try pop().value.text)
      guard let name, let module else { throw problem("a name is missing") }
      try push(.name("\(module) \(name)"))
    case "R": try make()
    case "b": try build()
    default: throw problem("it has the instruction \(code)")
    }
    return nil
  }
}
