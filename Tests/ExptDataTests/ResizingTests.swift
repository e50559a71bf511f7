import ExptData
import Testing

@Suite("Resizing")
struct ResizingTests {
  private func resize(
    _ plane: [UInt8], _ from: (Int, Int), _ to: (Int, Int), _ method: Resizing.Method
  ) -> [UInt8] {
    Resizing.resize(
      plane, from: (height: from.0, width: from.1), to: (height: to.0, width: to.1), method)
  }

  @Test func `a box is the mean of what it covers`() {
    #expect(resize([0, 10, 20, 30], (2, 2), (1, 1), .box) == [15])
    #expect(resize([0, 100, 200], (1, 3), (1, 2), .box) == [33, 167])  // 1 + ½ pixels each
    #expect(resize([0, 100, 200, 40], (2, 2), (2, 1), .box) == [50, 120])
    #expect(resize([7, 9], (1, 2), (1, 4), .box) == [7, 7, 9, 9])
  }

  @Test func `bilinear lies between centres`() {
    // New centres at ¼, ¾, 5/4, 7/4 of the old pixels whose centres are at ½ and 3/2.
    #expect(resize([0, 100], (1, 2), (1, 4), .bilinear) == [0, 25, 75, 100])
    #expect(resize([0, 100], (2, 1), (4, 1), .bilinear) == [0, 25, 75, 100])
  }

  @Test(arguments: [Resizing.Method.box, .bilinear])
  func `an even image stays even, and its own size changes nothing`(method: Resizing.Method) {
    #expect(
      resize([UInt8](repeating: 255, count: 35), (5, 7), (3, 4), method).allSatisfy { $0 == 255 })
    #expect(
      resize([UInt8](repeating: 3, count: 35), (5, 7), (13, 9), method).allSatisfy { $0 == 3 })
    let plane = (0..<35).map { UInt8($0) }
    #expect(resize(plane, (5, 7), (5, 7), method) == plane)
  }
}
