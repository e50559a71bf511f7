import ExptDocument
import ExptTestSupport
import Foundation
import Testing

/// Texts broken at random. `EXPT_FUZZ=100000` runs that many cases instead of the short default.
@Suite("Any text at all")
struct FuzzTests {
  static let count = ProcessInfo.processInfo.environment["EXPT_FUZZ"].flatMap(Int.init) ?? 1000

  static let seeds = [
    """
    name: vae_mnist              # default: the file's own name
    seed: 1
    dataset: { type: mnist, validation: 10000, binarization: none, fallback: digits }
    model: &model
      type: vae
      beta: 1.0e-3
      encoder: { type: mlp, hidden: [400, 200], activation: relu }
      likelihood: "bernoulli\\u00e9"
    optimizer:
      <<: [*model, {a: .5}]
      text: |
        several
        lines
    layers:
      - { type: linear, units: 10 }
      - !!str 12
      - ? key
        : 'it''s'
    """,
    "\u{FEFF}a: &x [1, 2]\r\nb: *x\r\nc: >-\r\n  folded\r\n  漢字\r\n...\r\n",
    "%YAML 1.2\n---\n{a: {b: [c, {d: e}]}, ? f : g}\n",
  ]

  static let pieces = [
    "\t", "\n", "\r\n", " ", "  ", ": ", "- ", "? ", "#", " #", "&a ", "*a", "*x", "!!int ", "!x ",
    "|",
    ">", "'", "\"", "\\", "[", "]", "{", "}", ",", "<<: ", "---\n", "...\n", "%TAG ! !\n", "@", "`",
    "\0",
    "\u{85}", "\u{2028}", "\u{FEFF}", "é", "漢", "😀", "1e999", "\u{1B}", "=", "a: ", "extends: ",
    "~",
  ].map { Array($0.utf8) }

  static func broken(_ random: inout SeededGenerator) -> [UInt8] {
    var bytes = Array((seeds.randomElement(using: &random) ?? "").utf8)
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let place = Int.random(in: 0...bytes.count, using: &random)
      let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes.removeSubrange(place..<end)
      case 1: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
      case 3: bytes.removeSubrange(place...)
      default: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: place)
      }
    }
    return bytes
  }

  @Test func `becomes a tree that is written and read back, or a report with places`() throws {
    for seed in 0..<Self.count {
      var random = SeededGenerator(UInt64(seed))
      let bytes = Self.broken(&random)
      let root: Node
      do { root = try Document.parse(bytes: bytes, file: "f.yaml").root } catch {
        #expect(error.hasErrors && !error.rendered.isEmpty, "seed \(seed)")
        for diagnostic in error.all where diagnostic.code != .encoding {
          Self.check(diagnostic.span, in: bytes, seed)
        }
        continue
      }
      Self.checkSpans(of: root, in: bytes, seed)
      let value = YAMLWriter.Value(root)
      guard case .mapping(let entries) = value else {
        Issue.record("seed \(seed): the root is no mapping")
        continue
      }
      let again = try Document.parse(YAMLWriter.write(entries)).root
      #expect(YAMLWriterTests.matches(value, again), "seed \(seed)")
    }
  }

  @Test func `is set, or refused with a place`() throws {
    let root = try Document.parse(Self.seeds[0]).root
    let seeds = ["model.encoder.hidden[1]=[1, {a: b}]", "layers.0.units='x'", "a.b.c=\"é\""]
    for seed in 0..<Self.count {
      var random = SeededGenerator(UInt64(seed))
      var bytes = Array((seeds.randomElement(using: &random) ?? "").utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        if Bool.random(using: &random), place < bytes.count {
          bytes.remove(at: place)
        } else {
          bytes.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? [], at: place)
        }
      }
      let argument = String(decoding: bytes, as: UTF8.self)
      let override: Override
      do { override = try Override(parsing: argument) } catch {
        #expect(error.all.allSatisfy { $0.span?.file == "--set" }, "seed \(seed): \(argument)")
        continue
      }
      var changed = root
      do { try override.apply(to: &changed) } catch {
        #expect(error.span?.file == "--set", "seed \(seed): \(argument)")
        continue
      }
      let set = changed[Self.indexed(override.path, in: changed)]
      #expect(set?.origin == override.origin, "seed \(seed): \(argument)")
    }
  }

  /// A path with the numbers that stand for elements of lists as indices.
  static func indexed(_ path: NodePath, in root: Node) -> NodePath {
    var result = NodePath()
    for part in path.parts {
      if case .key(let key) = part, let index = Int(key), root[result]?.elements != nil {
        result = result.appending(index)
      } else {
        result.parts.append(part)
      }
    }
    return result
  }

  static func checkSpans(of node: Node, in bytes: [UInt8], _ seed: Int) {
    check(node.span, in: bytes, seed)
    for element in node.elements ?? [] { checkSpans(of: element, in: bytes, seed) }
    for entry in node.entries ?? [] {
      check(entry.keySpan, in: bytes, seed)
      checkSpans(of: entry.value, in: bytes, seed)
    }
  }

  /// Whether a span's line is the text's line of that number, and its column lies on it.
  static func check(_ span: SourceSpan?, in bytes: [UInt8], _ seed: Int) {
    guard let span else { return }
    var text = String(decoding: bytes, as: UTF8.self).unicodeScalars
    if text.first == "\u{FEFF}" { text.removeFirst() }
    var lines: [[Unicode.Scalar]] = [[]]
    var previous: Unicode.Scalar?
    for scalar in text {
      if previous == "\r", scalar == "\n" {
      } else if scalar == "\n" || scalar == "\r" {
        lines.append([])
      } else {
        lines[lines.count - 1].append(scalar)
      }
      previous = scalar
    }
    guard lines.indices.contains(span.start.line - 1), span.start <= span.end else {
      Issue.record("seed \(seed): \(span) lies outside the text")
      return
    }
    let line = lines[span.start.line - 1]
    #expect(Array(span.sourceLine.unicodeScalars) == line, "seed \(seed): \(span)")
    #expect((1...line.count + 2).contains(span.start.column), "seed \(seed): \(span)")
  }
}
