import ExptData
import ExptFiles
import ExptTensor
import Testing

@Suite("Pictures of many images")
struct PicturesTests {
  @Test(arguments: [
    (1, 1), (2, 2), (3, 2), (4, 2), (6, 3), (9, 3), (10, 4), (12, 4), (20, 5), (24, 6), (64, 8),
    (100, 10), (400, 20), (401, 21), (65_536, 256),
  ])
  func `are as near to a square as can be`(_ count: Int, _ columns: Int) {
    #expect(Pictures.squareColumns(count) == columns)
  }

  @Test func `of any number are never a strip, and leave less than a row free`() {
    for count in 5...3000 {
      let columns = Pictures.squareColumns(count)
      let rows = (count + columns - 1) / columns
      #expect(columns >= rows && Double(columns) <= 1.6 * Double(rows), "\(count)")
    }
  }

  @Test func `show pairs in rows of 16, and in longer ones where there are many`() {
    func size(_ count: Int) -> (Int, Int) {
      let images = [Float](repeating: 0, count: count)
      let picture = Pictures.pairs(images, images, shape: [1, 1, 1])
      return ((picture.width + 1) / 2, (picture.height + 1) / 2)
    }
    #expect(size(20) == (16, 4))
    #expect(size(64) == (16, 8))
    #expect(size(400) == (32, 26))
  }
}
