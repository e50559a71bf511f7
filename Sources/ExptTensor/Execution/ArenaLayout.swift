/// Gives each of a plan's temporary values a place in the arena; values that are never needed at
/// the same time may share one.
///
/// Places go to the largest value first, each at the lowest address free during its whole life.
struct ArenaLayout {
  struct Item {
    var count: Int
    /// The first and last instruction that needs it.
    var life: ClosedRange<Int>
  }

  private(set) var offsets: [Int] = []
  /// The arena's size in numbers.
  private(set) var count = 0

  init(_ items: [Item]) {
    offsets = Array(repeating: 0, count: items.count)
    var placed: [Int] = []  // ordered by offset
    for index in items.indices.sorted(by: { (items[$0].count, $1) > (items[$1].count, $0) }) {
      let item = items[index]
      let size = (item.count + 15) / 16 * 16
      var offset = 0
      for other in placed where items[other].life.overlaps(item.life) {
        if offset + size <= offsets[other] { break }
        offset = max(offset, offsets[other] + (items[other].count + 15) / 16 * 16)
      }
      offsets[index] = offset
      count = max(count, offset + size)
      placed.insert(index, at: placed.firstIndex { offsets[$0] > offset } ?? placed.count)
    }
  }
}
