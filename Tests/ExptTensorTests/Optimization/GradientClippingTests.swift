import ExptTensor
import Testing

@Suite("Gradients before the step")
struct GradientClippingTests {
  private func with<Result>(
    _ numbers: [Float], _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> (Result, [Float]) {
    var numbers = numbers
    let result = try numbers.withUnsafeMutableBufferPointer { try body($0) }
    return (result, numbers)
  }

  @Test(arguments: [1, 3])
  func `the norm is that of a plain sum in Double`(_ threads: Int) {
    let numbers = (0..<10_001).map { Float($0 % 97) * 0.37 - 15 }
    let expected = numbers.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    let pool = ThreadPool(threads: threads)
    let (norm, _) = with(numbers) { GradientClipping.norm($0, pool: pool) }
    #expect(abs(norm - expected) < 1e-6 * expected)
    #expect(with([]) { GradientClipping.norm($0, pool: pool) }.0 == 0)
  }

  @Test func `scaling and clipping change each number`() {
    let pool = ThreadPool(threads: 1)
    let numbers: [Float] = [1, -2, 0.5, 8, -9, .infinity]
    #expect(
      with(numbers) { GradientClipping.scale($0, by: 0.5, pool: pool) }.1
        == [0.5, -1, 0.25, 4, -4.5, .infinity])
    #expect(
      with(numbers) { GradientClipping.clip($0, to: 2, pool: pool) }.1 == [1, -2, 0.5, 2, -2, 2])
    #expect(with([.nan]) { GradientClipping.clip($0, to: 2, pool: pool) }.1[0].isNaN)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `the first number that is not finite is found`(_ culprit: Float) {
    let pool = ThreadPool(threads: 2)
    var numbers = [Float](repeating: 1, count: 9000)
    #expect(with(numbers) { GradientClipping.firstNotFinite($0, pool: pool) }.0 == nil)
    numbers[8999] = culprit
    numbers[5003] = culprit
    #expect(with(numbers) { GradientClipping.firstNotFinite($0, pool: pool) }.0 == 5003)
  }
}
