/// Where the forward instructions of a schedule can be divided, for what is not kept to be computed once
/// more.
struct Segments {
  /// The divisions worth trying, each the forward instructions that begin a segment, without the first.
  let divisions: [[Int]]

  /// The numbers of segments that are tried: of n alike layers, √n need the least memory.
  private static let counts = [2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64]
  /// A layout of more items than this takes a second: then fewer divisions are tried.
  private static let manyItems = 4000

  /// - Parameter schedule: Of the same graph, not divided.
  init(_ schedule: Schedule) {
    let forward = schedule.instructions.prefix { $0.kind == .forward }
    guard forward.count > 2 else {
      divisions = []
      return
    }
    let place = Dictionary(
      uniqueKeysWithValues: forward.enumerated().map { ($1.node, $0) })
    // How much each instruction adds to what the gradients read.
    var weights = Array(repeating: 0, count: forward.count)
    var isRead: Set<Int> = []
    for instruction in schedule.instructions.dropFirst(forward.count) {
      isRead.formUnion(schedule.reads(instruction))
      guard let index = place[instruction.node] else { continue }
      weights[index] += instruction.saved.reduce(0) { $0 + schedule.items[$1].count }
    }
    for value in isRead {
      guard let index = place[value], let item = schedule.item(of: value, in: .forward) else {
        continue
      }
      weights[index] += schedule.items[item].count
    }
    // How much of the values computed before an instruction it or a later one reads: what is kept, if
    // a segment begins there.
    var last = Array(0..<forward.count)
    for (index, instruction) in forward.enumerated() {
      for value in schedule.reads(instruction) { if let from = place[value] { last[from] = index } }
    }
    var crossing = Array(repeating: 0, count: forward.count)
    for (index, instruction) in forward.enumerated() where last[index] > index {
      guard let item = schedule.item(of: instruction.node, in: .forward) else { continue }
      for start in index + 1...last[index] { crossing[start] += schedule.items[item].count }
    }
    let counts =
      schedule.items.count > Self.manyItems
      ? [Int(Double(forward.count).squareRoot())]
      : Self.counts.filter { $0 * 2 <= forward.count }
    divisions = counts.map { Self.division(into: $0, weights, crossing) }
  }

  /// Segments of about the same weight, each beginning where little crosses.
  private static func division(into count: Int, _ weights: [Int], _ crossing: [Int]) -> [Int] {
    let total = Double(weights.reduce(0, +))
    var sum = 0.0
    var best: [Int: Int] = [:]
    for start in 1..<weights.count {
      sum += Double(weights[start - 1])
      // The division point that is nearest: each takes the best place around it.
      let nearest = Int((sum / max(total, 1) * Double(count)).rounded())
      guard (1..<count).contains(nearest) else { continue }
      if crossing[start] < best[nearest].map({ crossing[$0] }) ?? .max { best[nearest] = start }
    }
    return best.values.sorted()
  }
}
