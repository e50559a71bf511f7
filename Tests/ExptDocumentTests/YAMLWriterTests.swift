import ExptDocument
import ExptTestSupport
import Testing

@Suite("Written YAML")
struct YAMLWriterTests {
  @Test func `is laid out for reading`() {
    let text = YAMLWriter.write(
      [
        .init("name", .text("vae mnist"), comment: "experiments/vae.yaml:1:7"),
        .init(
          "model",
          .mapping([
            .init("type", .text("vae"), comment: "default"),
            .init("beta", .float(0.1)),
            .init("encoder", .mapping([.init("hidden", .list([.int(400), .int(200)]))])),
            .init("empty", .mapping([])),
          ]), comment: "two\nlines"),
        .init(
          "layers",
          .list([
            .mapping([.init("type", .text("linear"), comment: "here"), .init("units", .int(1))]),
            .text("flatten"), .list([.mapping([.init("a", .null)])]),
          ])),
        .init("learning_rate", .double(1e-5)),
      ], header: "What ran.\n\nEnd")
    #expect(
      text == """
        # What ran.
        #
        # End
        name: vae mnist   # experiments/vae.yaml:1:7
        model:            # two lines
          type: vae       # default
          beta: 0.1
          encoder:
            hidden: [400, 200]
          empty: {}
        layers:
          - type: linear  # here
            units: 1
          - flatten
          -
            - a: null
        learning_rate: 1.0e-05

        """)
  }

  @Test func `quotes what would be read as something else`() {
    for word in [
      "yes", "Null", "12", "1e3", "", " a", "a ", "a: b", "- a", "#", "<<", "a #b", "-", "é", "~",
      "0x1", ".5", "a\nb", "{", "*a", "=", "---",
    ] {
      #expect(YAMLWriter.write([.init("k", .text(word))]).hasPrefix("k: \""), "\(word)")
    }
    for word in ["mlp", "beta_vae", "/data/mnist", "a b", "v1.2-x"] {
      #expect(YAMLWriter.write([.init("k", .text(word))]) == "k: \(word)\n")
    }
  }

  @Test(arguments: 0..<300)
  func `reads back as the same values`(_ seed: Int) throws {
    var random = SeededGenerator(UInt64(seed))
    let entries = Self.entries(depth: 3, &random)
    let text = YAMLWriter.write(entries, header: "seed \(seed)")
    let root = try Document.parse(text).root
    #expect(Self.matches(.mapping(entries), root), "seed \(seed):\n\(text)")
    // Writing what was read changes nothing any more.
    let again = YAMLWriter.Value(root)
    guard case .mapping(let rewritten) = again else { return }
    #expect(Self.matches(again, try Document.parse(YAMLWriter.write(rewritten)).root))
  }

  static func entries(depth: Int, _ random: inout SeededGenerator) -> [YAMLWriter.Entry] {
    var keys: Set<String> = []
    return (0..<Int.random(in: 0...5, using: &random)).compactMap { _ in
      let key = text(&random)
      guard keys.insert(key).inserted, key != "extends" else { return nil }
      let comment = Bool.random(using: &random) ? text(&random) : nil
      return YAMLWriter.Entry(key, value(depth: depth, &random), comment: comment)
    }
  }

  static func value(depth: Int, _ random: inout SeededGenerator) -> YAMLWriter.Value {
    switch Int.random(in: 0..<(depth > 0 ? 11 : 8), using: &random) {
    case 0: return .null
    case 1: return .bool(.random(using: &random))
    case 2:
      return .int(Int(bitPattern: UInt(random.next())) >> Int.random(in: 0..<64, using: &random))
    case 3: return .unsigned(random.next())
    case 4: return .float(Float(bitPattern: UInt32(truncatingIfNeeded: random.next())))
    case 5: return .double(Double(bitPattern: random.next()))
    case 6, 7: return .text(text(&random))
    case 8, 9:
      return .list(
        (0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth: depth - 1, &random) })
    default: return .mapping(entries(depth: depth - 1, &random))
    }
  }

  /// Texts from the alphabet that YAML finds interesting, words it reserves, any scalars at all,
  /// and now and then a very long one.
  static func text(_ random: inout SeededGenerator) -> String {
    let words = ["yes", "null", "true", "~", "1e3", "0x1F", ".inf", "---", "...", "<<", "off", "é"]
    let alphabet = Array(
      ": -#'\"\\{}[],&*!|>%@`?\n\t\rab01._ \u{7F}\u{85}\u{2028}\u{FEFF}é漢😀\0".unicodeScalars)
    var result = ""
    switch Int.random(in: 0..<12, using: &random) {
    case 0: return words.randomElement(using: &random) ?? ""
    case 1: return String(repeating: "long ", count: 300)
    case 2...5:
      for _ in 0..<Int.random(in: 0...12, using: &random) {
        let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random))
        if let scalar { result.unicodeScalars.append(scalar) }
      }
    default:
      for _ in 0..<Int.random(in: 0...12, using: &random) {
        if let scalar = alphabet.randomElement(using: &random) {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result
  }

  /// Whether a node reads as what was written, numbers bit for bit.
  static func matches(_ value: YAMLWriter.Value, _ node: Node) -> Bool {
    switch value {
    case .null: return node.isNull
    case .bool(let bool): return node.scalar?.bool == bool
    case .int(let int): return node.scalar?.int == int
    case .unsigned(let unsigned): return node.scalar?.unsigned == unsigned
    case .float(let float):
      guard let read = node.scalar?.double else { return false }
      return float.isNaN ? read.isNaN : Float(read).bitPattern == float.bitPattern
    case .double(let double):
      guard let read = node.scalar?.double else { return false }
      return double.isNaN ? read.isNaN : read.bitPattern == double.bitPattern
    case .text(let text):
      guard let scalar = node.scalar, scalar.kind == .text else { return false }
      return Array(scalar.text.utf8) == Array(text.utf8)
    case .list(let elements):
      guard let read = node.elements, read.count == elements.count else { return false }
      return zip(elements, read).allSatisfy { matches($0, $1) }
    case .mapping(let entries):
      guard let read = node.entries, read.count == entries.count else { return false }
      return zip(entries, read).allSatisfy { $0.key == $1.key && matches($0.value, $1.value) }
    }
  }
}
