/// Files broken at random, the same ones from the same seed: bits flipped, ends cut off, pieces of other
/// files put in, numbers set to their limits, chunks taken out, doubled and exchanged, or nothing but noise.
public struct Mutation: Sendable {
  /// Files that are whole.
  public let seeds: [[UInt8]]
  /// The words that chunks of these files begin with.
  private let marks: [[UInt8]]

  public init(of seeds: [[UInt8]], chunks marks: [[UInt8]]) {
    (self.seeds, self.marks) = (seeds, marks)
  }

  /// - Parameter seed: Of what is drawn.
  public func broken(_ seed: UInt64) -> [UInt8] {
    var random = SeededGenerator(seed)
    if Int.random(in: 0..<100, using: &random) == 0 {
      return random.bytes(Int.random(in: 0...300, using: &random))
    }
    var bytes = seeds.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 1...3, using: &random) { damage(&bytes, &random) }
    return bytes
  }

  private func damage(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    // Headers are short, and most can go wrong in them.
    let reach = Bool.random(using: &random) ? min(bytes.count, 128) : bytes.count
    let place = Int.random(in: 0..<reach, using: &random)
    switch Int.random(in: 0..<9, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(Int.random(in: 0..<bytes.count, using: &random)...)
    case 3: bytes.insert(contentsOf: piece(&random), at: place)
    case 4: Self.setNumber(&bytes, at: place, &random)
    case 5: Self.setDigits(&bytes, from: place, &random)
    case 6: bytes.removeSubrange(chunk(of: bytes, &random))
    case 7:
      let chunk = bytes[chunk(of: bytes, &random)]
      bytes.insert(contentsOf: chunk, at: self.chunk(of: bytes, &random).lowerBound)
    default:
      let chunk = bytes[chunk(of: bytes, &random)]
      bytes.replaceSubrange(self.chunk(of: bytes, &random), with: chunk)
    }
  }

  /// A piece of one of the files.
  private func piece(_ random: inout SeededGenerator) -> ArraySlice<UInt8> {
    guard let other = seeds.randomElement(using: &random), !other.isEmpty else { return [] }
    let start = Int.random(in: 0..<other.count, using: &random)
    return other[start..<min(other.count, start + Int.random(in: 1...64, using: &random))]
  }

  /// From a mark to the next one.
  private func chunk(of bytes: [UInt8], _ random: inout SeededGenerator) -> Range<Int> {
    let starts = bytes.indices.filter { place in
      marks.contains { bytes[place...].starts(with: $0) }
    }
    guard let number = starts.indices.randomElement(using: &random) else { return 0..<bytes.count }
    return starts[number]..<(number + 1 < starts.count ? starts[number + 1] : bytes.count)
  }

  /// Sets 1, 2, 4 or 8 bytes to a number at a limit, in either order of bytes.
  private static func setNumber(
    _ bytes: inout [UInt8], at place: Int, _ random: inout SeededGenerator
  ) {
    let size = [1, 2, 4, 8].randomElement(using: &random) ?? 1
    let most = UInt64.max >> UInt64(64 - 8 * size)
    let limits: [UInt64] = [0, 1, most / 2, most / 2 + 1, most - 1, most]
    let number = limits.randomElement(using: &random) ?? 0
    let isLittle = Bool.random(using: &random)
    for byte in 0..<min(size, bytes.count - place) {
      let shift = UInt64(8 * (isLittle ? byte : size - 1 - byte))
      bytes[place + byte] = UInt8(truncatingIfNeeded: number >> shift)
    }
  }

  /// Writes another number for the first one in digits.
  private static func setDigits(
    _ bytes: inout [UInt8], from place: Int, _ random: inout SeededGenerator
  ) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let start = bytes[place...].firstIndex { digits.contains($0) } ?? place
    let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
    let numbers = [
      "", "0", "1", "-1", "255", "65536", "2147483648", "4294967296", "9223372036854775807",
      "18446744073709551616", "1" + String(repeating: "0", count: 400), "1e999", "-1e-999", "nan",
    ]
    bytes.replaceSubrange(
      start..<end, with: Array((numbers.randomElement(using: &random) ?? "").utf8))
  }
}
