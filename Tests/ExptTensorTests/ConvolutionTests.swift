import ExptTensor
import ExptTesting
import Testing

/// Sizes of a convolution to try; its transpose goes from `small` back to `large`.
struct ConvolutionCase: Sendable, CustomStringConvertible {
  var batch = 3
  var large: (channels: Int, height: Int, width: Int)
  var smallChannels: Int
  var kernel: (height: Int, width: Int)
  var geometry: ConvolutionGeometry

  init(
    _ large: (Int, Int, Int), _ smallChannels: Int, _ kernel: (Int, Int), stride: Int, padding: Int
  ) {
    self.large = large
    self.smallChannels = smallChannels
    self.kernel = kernel
    geometry = ConvolutionGeometry(stride: stride, padding: padding)
  }

  var small: (height: Int, width: Int) {
    (
      geometry.convolved(large.height, kernel: kernel.height) ?? 0,
      geometry.convolved(large.width, kernel: kernel.width) ?? 0
    )
  }
  var largeShape: Shape { [batch, large.channels, large.height, large.width] }
  var smallShape: Shape { [batch, smallChannels, small.height, small.width] }
  /// `[small channels, large channels, kernel height, kernel width]`: a convolution's weight, and
  /// the same for its transpose.
  var weightShape: Shape { [smallChannels, large.channels, kernel.height, kernel.width] }
  var description: String { "\(largeShape) ↔ \(smallShape), kernel \(kernel), \(geometry)" }

  /// Every product that takes part: indices into the large image, the small one and the weight.
  func forEachProduct(_ body: (_ large: Int, _ small: Int, _ weight: Int) -> Void) {
    for b in 0..<batch {
      for o in 0..<smallChannels {
        for c in 0..<large.channels {
          for (i, j) in pairs(small.height, small.width) {
            for (u, v) in pairs(kernel.height, kernel.width) {
              let row = i * geometry.stride + u - geometry.padding
              let column = j * geometry.stride + v - geometry.padding
              guard (0..<large.height).contains(row), (0..<large.width).contains(column) else {
                continue
              }
              body(
                ((b * large.channels + c) * large.height + row) * large.width + column,
                ((b * smallChannels + o) * small.height + i) * small.width + j,
                ((o * large.channels + c) * kernel.height + u) * kernel.width + v)
            }
          }
        }
      }
    }
  }

  private func pairs(_ rows: Int, _ columns: Int) -> [(Int, Int)] {
    (0..<rows).flatMap { row in (0..<columns).map { (row, $0) } }
  }

  static let all = [
    ConvolutionCase((1, 1, 1), 1, (1, 1), stride: 1, padding: 0),
    ConvolutionCase((3, 8, 8), 5, (3, 3), stride: 1, padding: 1),
    ConvolutionCase((1, 28, 28), 7, (4, 4), stride: 2, padding: 1),
    ConvolutionCase((4, 9, 7), 3, (4, 4), stride: 2, padding: 1),
    ConvolutionCase((2, 11, 13), 4, (5, 2), stride: 3, padding: 2),
    ConvolutionCase((2, 10, 9), 3, (2, 3), stride: 3, padding: 0),
    ConvolutionCase((17, 5, 5), 33, (1, 1), stride: 1, padding: 0),
    ConvolutionCase((2, 3, 3), 3, (3, 3), stride: 1, padding: 2),
  ]
}

@Suite("Convolutions")
struct ConvolutionTests {
  @Test(arguments: ConvolutionCase.all)
  func `values and gradients are those of a loop in Double, on every instruction set`(
    _ sizes: ConvolutionCase
  ) {
    let x = TestNumbers.normal(sizes.largeShape.count, seed: 1)
    let w = TestNumbers.normal(sizes.weightShape.count, seed: 2)
    let b = TestNumbers.normal(sizes.smallChannels, seed: 3)
    let c = TestNumbers.normal(sizes.smallShape.count, seed: 4)
    let plane = sizes.small.height * sizes.small.width
    func channel(_ index: Int) -> Int { index / plane % sizes.smallChannels }
    var y = c.indices.map { Double(b[channel($0)]) }
    var dx = [Double](repeating: 0, count: x.count)
    var dw = [Double](repeating: 0, count: w.count)
    var db = [Double](repeating: 0, count: b.count)
    sizes.forEachProduct { large, small, weight in
      y[small] += Double(x[large]) * Double(w[weight])
      dx[large] += Double(c[small]) * Double(w[weight])
      dw[weight] += Double(c[small]) * Double(x[large])
    }
    for index in c.indices { db[channel(index)] += Double(c[index]) }
    withEachInstructionSet { instructionSet in
      let run = GraphRun(
        [(sizes.largeShape, x), (sizes.weightShape, w), ([sizes.smallChannels], b)], weights: c,
        threads: 2
      ) { _, t in
        conv2d(
          t[0], weight: t[1], bias: t[2], stride: sizes.geometry.stride,
          padding: sizes.geometry.padding)
      }
      #expect(run.outputShape == sizes.smallShape)
      #expect(largestError(run.output, y) < 1e-5, "\(instructionSet)")
      #expect(largestError(run.inputGradients[0], dx) < 1e-5, "\(instructionSet)")
      #expect(largestError(run.inputGradients[1], dw) < 1e-5, "\(instructionSet)")
      #expect(largestError(run.inputGradients[2], db) < 1e-5, "\(instructionSet)")
    }
  }

  @Test(arguments: Activation.all)
  func `gradients agree with differences under an activation`(_ activation: Activation) {
    let check = GradientCheck([.normal([2, 3, 7, 6]), .normal([4, 3, 3, 3]), .normal([4])]) {
      conv2d($1[0], weight: $1[1], bias: $1[2], stride: 2, padding: 1, activation: activation)
    }
    #expect(check.relativeError < 5e-3, "\(check)")
  }

  @Test func `a weight used twice, and inputs without gradients, are handled`() {
    let twice = GradientCheck([.normal([2, 3, 5, 5]), .normal([3, 3, 3, 3])]) { _, t in
      conv2d(
        conv2d(t[0], weight: t[1], padding: 1, activation: .tanh), weight: t[1], padding: 1)
    }
    #expect(twice.relativeError < 5e-3, "\(twice)")
    let weightOnly = GradientCheck([.fixed([2, 1, 6, 6], 0...1), .normal([4, 1, 3, 3])]) { _, t in
      conv2d(t[0], weight: t[1], activation: .sigmoid)
    }
    #expect(weightOnly.relativeError < 5e-3, "\(weightOnly)")
  }
}

@Suite("Transposed convolutions")
struct TransposedConvolutionTests {
  @Test(arguments: ConvolutionCase.all)
  func `values and gradients are those of a loop in Double, on every instruction set`(
    _ sizes: ConvolutionCase
  ) throws {
    let x = TestNumbers.normal(sizes.smallShape.count, seed: 1)
    let w = TestNumbers.normal(sizes.weightShape.count, seed: 2)
    let b = TestNumbers.normal(sizes.large.channels, seed: 3)
    let c = TestNumbers.normal(sizes.largeShape.count, seed: 4)
    let plane = sizes.large.height * sizes.large.width
    func channel(_ index: Int) -> Int { index / plane % sizes.large.channels }
    var y = c.indices.map { Double(b[channel($0)]) }
    var dx = [Double](repeating: 0, count: x.count)
    var dw = [Double](repeating: 0, count: w.count)
    var db = [Double](repeating: 0, count: b.count)
    sizes.forEachProduct { large, small, weight in
      y[large] += Double(x[small]) * Double(w[weight])
      dx[small] += Double(c[large]) * Double(w[weight])
      dw[weight] += Double(c[large]) * Double(x[small])
    }
    for index in c.indices { db[channel(index)] += Double(c[index]) }
    let geometry = sizes.geometry
    let height = try #require(
      geometry.transposed(sizes.small.height, kernel: sizes.kernel.height))
    let width = try #require(geometry.transposed(sizes.small.width, kernel: sizes.kernel.width))
    let rest = (height: sizes.large.height - height, width: sizes.large.width - width)
    withEachInstructionSet { instructionSet in
      let run = GraphRun(
        [(sizes.smallShape, x), (sizes.weightShape, w), ([sizes.large.channels], b)], weights: c,
        threads: 2
      ) { _, t in
        convTranspose2d(
          t[0], weight: t[1], bias: t[2], stride: geometry.stride, padding: geometry.padding,
          outputPadding: rest)
      }
      #expect(run.outputShape == sizes.largeShape)
      #expect(largestError(run.output, y) < 1e-5, "\(instructionSet)")
      #expect(largestError(run.inputGradients[0], dx) < 1e-5, "\(instructionSet)")
      #expect(largestError(run.inputGradients[1], dw) < 1e-5, "\(instructionSet)")
      #expect(largestError(run.inputGradients[2], db) < 1e-5, "\(instructionSet)")
    }
  }

  @Test(arguments: [Activation.none, .softplus, .gelu, .tanh])
  func `gradients agree with differences under an activation`(_ activation: Activation) {
    let check = GradientCheck([.normal([2, 4, 3, 4]), .normal([4, 3, 4, 4]), .normal([3])]) {
      convTranspose2d(
        $1[0], weight: $1[1], bias: $1[2], stride: 2, padding: 1, outputPadding: (1, 0),
        activation: activation)
    }
    #expect(check.relativeError < 5e-3, "\(check)")
  }
}
