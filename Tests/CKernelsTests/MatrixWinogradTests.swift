import CKernels
import Testing

/// From and to 16 channels or more, batches from 8 on: kernel 4, stride 2, padding 1 of even images, and kernel 3,
/// stride 1, padding 1.
@Suite("Convolutions with fewer products")
struct MatrixWinogradTests {
  static let cases: [ConvolutionCase] = [
    make(8, 16, 4, 4, 16),  // one tile
    make(9, 20, 6, 10, 17),  // odd outputs: lone rows and columns
    make(17, 19, 14, 8, 18),  // lone rows only, a batch of a group and one image
    make(8, 16, 4, 36, 24),  // wide
    make(8, 66, 4, 4, 64),  // too many weights for sums of chunks
    make(9, 16, 16, 30, 16),  // several bands and blocks
    make(8, 16, 4, 262, 16),  // rows that are cut, the last tile of which is lone
    make(8, 16, 48, 48, 16),  // images that are cut
    make(8, 16, 46, 50, 16),  // images that are not, for their lone tiles
    same(8, 16, 2, 2, 16),  // one tile
    same(9, 20, 5, 7, 17),  // lone rows and columns
    same(17, 19, 4, 3, 18),  // lone columns only, a batch of a group and one image
    same(8, 16, 2, 40, 24),  // wide
    same(8, 90, 4, 4, 88),  // too many weights for sums of chunks
    same(9, 16, 16, 26, 16),  // several bands and blocks
    same(8, 16, 2, 131, 16),  // rows that are cut, the last tile of which is lone
    same(8, 16, 23, 25, 16),  // images that are cut
  ]

  static func make(_ batch: Int, _ inputs: Int, _ height: Int, _ width: Int, _ outputs: Int)
    -> ConvolutionCase
  {
    ConvolutionCase(
      batch: batch, input: (inputs, height, width), channels: outputs, kernel: (4, 4),
      stride: (2, 2), pad: (1, 1))
  }

  static func same(_ batch: Int, _ inputs: Int, _ height: Int, _ width: Int, _ outputs: Int)
    -> ConvolutionCase
  {
    ConvolutionCase(
      batch: batch, input: (inputs, height, width), channels: outputs, kernel: (3, 3),
      stride: (1, 1), pad: (1, 1))
  }

  let kernels = MatrixConvolutionTests()
  let pool = TestPool(threads: 2)

  /// Runs a kernel, holds it against the sums in Double, and against itself everywhere.
  func check(
    _ exact: Chains, _ what: String,
    _ kernel: (OpaquePointer?, UnsafeMutablePointer<Float>) -> Void
  ) {
    var seen = exact.sums.map { _ in Float.nan }
    kernel(nil, &seen)
    let errors = seen.indices.map {
      abs(Double(seen[$0]) - exact.exact[$0]) / (exact.magnitude[$0] + 1e-9)
    }
    // Three times what the plain chains keep to: neighbours' terms come in and cancel.
    #expect(!errors.contains { !($0 < 3e-6) }, "\(what): \(errors.max() ?? 0)")
    // If they were the plain chains, this suite would test nothing.
    #expect(seen != exact.sums, "\(what)")
    kernels.check(seen, from: exact.sums.map { _ in Float.nan }, what, kernel)
  }

  @Test("are right, with the same bits everywhere", arguments: cases)
  func products(_ shape: ConvolutionCase) {
    let data = ConvolutionData(shape)
    var plain = data.s
    var transposed = shape.transposed
    check(data.forward(false), "plain forward") {
      ck_conv2d_forward($0, &plain, data.x, data.w, $1, 0, nil)
    }
    check(data.forward(false), "transposed backward input") {
      ck_conv_transpose2d_backward_input($0, &transposed, data.x, data.w, $1, 0)
    }
    check(data.backwardInput(false), "plain backward input") {
      ck_conv2d_backward_input($0, &plain, data.y, data.w, $1, 0)
    }
    check(data.backwardInput(false), "transposed forward") {
      ck_conv_transpose2d_forward($0, &transposed, data.y, data.w, $1, 0, nil)
    }
  }

  @Test(
    "give weights the right gradient, with the same bits everywhere",
    arguments: cases.filter { $0.shape.out_h != 3 })  // 3×5 loses too much in whole tiles
  func weights(_ shape: ConvolutionCase) {
    let data = ConvolutionData(shape)
    var plain = data.s
    var transposed = shape.transposed
    let exact = data.backwardWeight(0..<data.s.batch, start: data.w.map { _ in 0 })
    check(exact, "plain") { ck_conv2d_backward_weight($0, &plain, data.y, data.x, $1, 0) }
    check(exact, "transposed") {
      ck_conv_transpose2d_backward_weight($0, &transposed, data.x, data.y, $1, 0)
    }
  }

  @Test(
    "add the bias and apply the activation last", arguments: cases,
    [CK_ACTIVATION_RELU, CK_ACTIVATION_LEAKY_RELU])
  func epilogue(_ shape: ConvolutionCase, activation: ck_activation) {
    let data = ConvolutionData(shape)
    var plain = data.s
    let area = plain.out_h * plain.out_w
    var y = data.y
    ck_conv2d_forward(nil, &plain, data.x, data.w, &y, 0, nil)
    data.bias.withUnsafeBufferPointer { bias in
      var epilogue = ck_epilogue()
      epilogue.bias = bias.baseAddress
      epilogue.activation = activation
      epilogue.slope = 0.25
      let expected = y.enumerated().map { index, value in
        let sum = value + bias[index / area % plain.out_channels]
        return sum > 0 ? sum : activation == CK_ACTIVATION_RELU ? 0 : 0.25 * sum
      }
      kernels.check(expected, from: data.y, "forward") {
        ck_conv2d_forward($0, &plain, data.x, data.w, $1, 0, &epilogue)
      }
    }
  }

  /// Many channels: the tasks are some channels of as many images as a cache keeps.
  @Test(
    "from and to many channels are right, and the same in any batch",
    arguments: [make(16, 344, 4, 4, 342), same(16, 518, 3, 4, 516)])
  func manyChannels(_ shape: ConvolutionCase) {
    let data = ConvolutionData(shape)
    var few = data.s
    var many = data.s
    many.batch = 16 * 40
    let (x, y) = (data.x.count, data.y.count)
    func repeated(_ numbers: [Float]) -> [Float] { (0..<40).flatMap { _ in numbers } }
    var seen = [Float](repeating: .nan, count: y)
    ck_conv2d_forward(pool.raw, &few, data.x, data.w, &seen, 0, nil)
    expectRight(seen, data.forward)
    kernels.check(seen, from: data.y, "forward") {
      ck_conv2d_forward($0, &few, data.x, data.w, $1, 0, nil)
    }
    var outputs = [Float](repeating: .nan, count: 40 * y)
    ck_conv2d_forward(pool.raw, &many, repeated(data.x), data.w, &outputs, 0, nil)
    #expect(firstDifference(outputs, repeated(seen)) == nil, "forward in another batch")
    data.bias.withUnsafeBufferPointer { bias in
      var epilogue = ck_epilogue()
      epilogue.bias = bias.baseAddress
      epilogue.activation = CK_ACTIVATION_LEAKY_RELU
      epilogue.slope = 0.25
      let area = few.out_h * few.out_w
      let expected = seen.enumerated().map { index, value in
        let sum = value + bias[index / area % few.out_channels]
        return sum > 0 ? sum : 0.25 * sum
      }
      var ended = [Float](repeating: .nan, count: y)
      ck_conv2d_forward(pool.raw, &few, data.x, data.w, &ended, 0, &epilogue)
      #expect(firstDifference(ended, expected) == nil, "with an activation")
    }
    var back = [Float](repeating: .nan, count: x)
    ck_conv2d_backward_input(pool.raw, &few, data.y, data.w, &back, 0)
    expectRight(back, data.backwardInput)
    kernels.check(back, from: data.x, "backward input") {
      ck_conv2d_backward_input($0, &few, data.y, data.w, $1, 0)
    }
    var inputs = [Float](repeating: .nan, count: 40 * x)
    ck_conv2d_backward_input(pool.raw, &many, repeated(data.y), data.w, &inputs, 0)
    #expect(firstDifference(inputs, repeated(back)) == nil, "backward in another batch")
  }

  /// Some of the outputs against their sums in Double.
  private func expectRight(
    _ seen: [Float], _ terms: (_ index: Int, _ term: (Float, Float) -> Void) -> Void
  ) {
    for index in stride(from: 0, to: seen.count, by: max(1, seen.count / 211)) {
      var (exact, size) = (0.0, 0.0)
      terms(index) { a, b in
        exact += Double(a) * Double(b)
        size += abs(Double(a) * Double(b))
      }
      #expect(abs(Double(seen[index]) - exact) < 3e-6 * size, "\(index)")
    }
  }

  /// dy is transformed beforehand, and x unit by unit: some of the weights, in Double.
  @Test(
    "give many weights of images that are cut the right gradient",
    arguments: [make(8, 66, 48, 48, 64), same(8, 90, 23, 25, 84), make(16, 344, 4, 8, 342)])
  func manyWeights(_ shape: ConvolutionCase) {
    let data = ConvolutionData(shape)
    var plain = data.s
    let kernel = plain.kernel_h * plain.kernel_w
    var dw = [Float](repeating: .nan, count: data.w.count)
    ck_conv2d_backward_weight(pool.raw, &plain, data.y, data.x, &dw, 0)
    for (output, input) in [(0, 0), (plain.out_channels - 1, plain.in_channels - 1), (33, 17)] {
      for tap in 0..<kernel {
        var (exact, size) = (0.0, 0.0)
        for n in 0..<plain.batch {
          for row in 0..<plain.out_h {
            for column in 0..<plain.out_w {
              let pixel = data.x(
                n, input, row * plain.stride_h - 1 + tap / plain.kernel_w,
                column * plain.stride_w - 1 + tap % plain.kernel_w)
              let term = Double(pixel) * Double(data.y(n, output, row, column))
              (exact, size) = (exact + term, size + abs(term))
            }
          }
        }
        let seen = dw[(output * plain.in_channels + input) * kernel + tap]
        #expect(abs(Double(seen) - exact) < 3e-6 * size, "\(output), \(input), \(tap)")
      }
    }
    kernels.check(dw, from: dw.map { _ in .nan }, "weights") {
      ck_conv2d_backward_weight($0, &plain, data.y, data.x, $1, 0)
    }
  }

  @Test("give an image the same output in any batch they take")
  func batch() {
    let data = ConvolutionData(Self.make(21, 16, 6, 6, 16))
    var all = data.s
    var few = data.s
    few.batch = 9
    var y = data.y
    ck_conv2d_forward(nil, &all, data.x, data.w, &y, 0, nil)
    var part = [Float](repeating: 0, count: 9 * 16 * 9)
    ck_conv2d_forward(nil, &few, data.x, data.w, &part, 0, nil)
    #expect(part == Array(y.prefix(part.count)))
  }
}
