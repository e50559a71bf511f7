import CKernels
import ExptTestSupport
import Testing

/// A plain convolution to try.
struct ConvolutionCase: CustomStringConvertible, Sendable {
  var batch = 2
  var input = (channels: 3, height: 8, width: 8)
  var channels = 5
  var kernel = (height: 3, width: 3)
  var stride = (height: 1, width: 1)
  var pad = (height: 1, width: 1)
  /// Rows and columns of the input that no kernel window starts in: the output padding of the
  /// transposed convolution.
  var description: String {
    "\(batch)×\(input) to \(channels), kernel \(kernel), stride \(stride), pad \(pad)"
  }

  var shape: ck_conv2d {
    var s = ck_conv2d()
    s.batch = batch
    (s.in_channels, s.in_h, s.in_w) = input
    (s.kernel_h, s.kernel_w) = kernel
    (s.stride_h, s.stride_w) = stride
    (s.pad_h, s.pad_w) = pad
    s.out_channels = channels
    s.out_h = (s.in_h + 2 * s.pad_h - s.kernel_h) / s.stride_h + 1
    s.out_w = (s.in_w + 2 * s.pad_w - s.kernel_w) / s.stride_w + 1
    return s
  }

  /// The same sizes as a transposed convolution from the output to the input. Where the division
  /// rounds down, its output padding is not 0.
  var transposed: ck_conv2d {
    var s = shape
    swap(&s.in_channels, &s.out_channels)
    swap(&s.in_h, &s.out_h)
    swap(&s.in_w, &s.out_w)
    return s
  }

  static let all: [ConvolutionCase] = [
    ConvolutionCase(),
    ConvolutionCase(
      batch: 1, input: (1, 1, 1), channels: 1, kernel: (1, 1), pad: (0, 0)),
    ConvolutionCase(batch: 3, input: (17, 5, 7), channels: 19, kernel: (1, 1), pad: (0, 0)),
    ConvolutionCase(
      batch: 5, input: (1, 28, 28), channels: 7, kernel: (4, 4), stride: (2, 2)),
    ConvolutionCase(batch: 7, input: (3, 8, 8), channels: 33, kernel: (4, 4), stride: (2, 2)),
    ConvolutionCase(batch: 9, input: (2, 7, 7), channels: 3, kernel: (3, 3), stride: (2, 2)),
    ConvolutionCase(batch: 2, input: (2, 8, 8), channels: 3, kernel: (3, 3), stride: (2, 2)),
    ConvolutionCase(
      batch: 2, input: (2, 11, 13), channels: 4, kernel: (5, 2), stride: (3, 1), pad: (2, 0)),
    ConvolutionCase(
      batch: 2, input: (2, 9, 10), channels: 3, kernel: (2, 3), stride: (1, 3), pad: (0, 2)),
    ConvolutionCase(
      batch: 2, input: (3, 9, 9), channels: 2, kernel: (1, 1), stride: (2, 2), pad: (0, 0)),
    ConvolutionCase(
      batch: 2, input: (2, 7, 7), channels: 2, kernel: (2, 2), stride: (3, 3), pad: (0, 0)),
    ConvolutionCase(batch: 1, input: (2, 3, 3), channels: 3, kernel: (3, 3), pad: (2, 2)),
    ConvolutionCase(batch: 1, input: (1, 40, 37), channels: 2, kernel: (3, 3)),
    ConvolutionCase(batch: 20, input: (2, 4, 4), channels: 15, kernel: (4, 4), pad: (0, 0)),
    ConvolutionCase(batch: 4, input: (67, 3, 3), channels: 14, kernel: (3, 3), stride: (2, 2)),
    ConvolutionCase(
      batch: 1, input: (37, 4, 4), channels: 31, kernel: (4, 4), stride: (2, 2)),
    // Many weights, whose gradients are summed in chunks of images or in one chain.
    ConvolutionCase(batch: 3, input: (40, 4, 4), channels: 30, kernel: (4, 4), stride: (2, 2)),
    ConvolutionCase(batch: 2, input: (70, 2, 4), channels: 66, kernel: (4, 4), stride: (2, 2)),
    // From or to few channels, the lanes are pixels.
    ConvolutionCase(batch: 3, input: (3, 25, 26), channels: 30, kernel: (4, 4), stride: (2, 2)),
    ConvolutionCase(batch: 2, input: (2, 34, 64), channels: 15, kernel: (4, 4), stride: (2, 2)),
    ConvolutionCase(
      batch: 9, input: (4, 11, 29), channels: 3, kernel: (5, 3), stride: (2, 2), pad: (4, 0)),
    ConvolutionCase(batch: 1, input: (1, 30, 37), channels: 3, kernel: (4, 4), stride: (2, 2)),
    ConvolutionCase(
      batch: 1, input: (1, 5, 40), channels: 17, kernel: (2, 6), stride: (2, 2), pad: (3, 5)),
    // From 8 images on, the lanes are images.
    ConvolutionCase(batch: 17, input: (3, 6, 5), channels: 29, kernel: (4, 4), stride: (2, 2)),
    ConvolutionCase(batch: 8, input: (7, 5, 5), channels: 2, kernel: (1, 3), pad: (0, 1)),
    ConvolutionCase(
      batch: 10, input: (1, 9, 12), channels: 6, kernel: (2, 2), stride: (3, 3), pad: (0, 0)),
    ConvolutionCase(
      batch: 25, input: (2, 5, 4), channels: 4, kernel: (5, 5), stride: (2, 1), pad: (3, 2)),
    ConvolutionCase(batch: 16, input: (70, 4, 4), channels: 3, kernel: (4, 4), stride: (2, 2)),
    ConvolutionCase(batch: 8, input: (1, 3, 3), channels: 70, kernel: (3, 3), pad: (4, 4)),
    ConvolutionCase(
      batch: 8, input: (1, 17, 18), channels: 2, kernel: (17, 16), stride: (2, 2), pad: (2, 2)),
  ]
}

/// The images, weights and old outputs of a convolution.
struct ConvolutionData {
  let s: ck_conv2d
  let x, y, w, bias: [Float]

  init(_ shape: ConvolutionCase) {
    s = shape.shape
    var numbers = SeededGenerator(UInt64(s.in_h * 31 + s.kernel_h * 7 + s.in_channels))
    x = numbers.floats(s.batch * s.in_channels * s.in_h * s.in_w)
    y = numbers.floats(s.batch * s.out_channels * s.out_h * s.out_w)
    w = numbers.floats(s.out_channels * s.in_channels * s.kernel_h * s.kernel_w)
    bias = numbers.floats(max(s.in_channels, s.out_channels))
  }

  func x(_ n: Int, _ c: Int, _ h: Int, _ w: Int) -> Float {
    guard h >= 0, h < s.in_h, w >= 0, w < s.in_w else { return 0 }
    return x[((n * s.in_channels + c) * s.in_h + h) * s.in_w + w]
  }

  func y(_ n: Int, _ c: Int, _ h: Int, _ w: Int) -> Float {
    guard h >= 0, h < s.out_h, w >= 0, w < s.out_w else { return 0 }
    return y[((n * s.out_channels + c) * s.out_h + h) * s.out_w + w]
  }

  func w(_ o: Int, _ c: Int, _ i: Int, _ j: Int) -> Float {
    w[((o * s.in_channels + c) * s.kernel_h + i) * s.kernel_w + j]
  }

  /// Calls `body` with the chain's factors for every element of the output, x to y, in order.
  func forward(_ accumulate: Bool) -> Chains {
    Chains(start: accumulate ? y : y.map { _ in 0 }, forward)
  }

  /// The same for one element.
  func forward(_ index: Int, _ term: (Float, Float) -> Void) {
    let (n, o, h, v) = split(index, s.out_channels, s.out_h, s.out_w)
    for c in 0..<s.in_channels {
      for i in 0..<s.kernel_h {
        for j in 0..<s.kernel_w {
          term(x(n, c, h * s.stride_h - s.pad_h + i, v * s.stride_w - s.pad_w + j), w(o, c, i, j))
        }
      }
    }
  }

  func backwardInput(_ accumulate: Bool) -> Chains {
    Chains(start: accumulate ? x : x.map { _ in 0 }, backwardInput)
  }

  func backwardInput(_ index: Int, _ term: (Float, Float) -> Void) {
    let (n, c, h, v) = split(index, s.in_channels, s.in_h, s.in_w)
    for o in 0..<s.out_channels {
      for i in 0..<s.kernel_h where (h + s.pad_h - i) % s.stride_h == 0 {
        for j in 0..<s.kernel_w where (v + s.pad_w - j) % s.stride_w == 0 {
          term(
            y(n, o, (h + s.pad_h - i) / s.stride_h, (v + s.pad_w - j) / s.stride_w), w(o, c, i, j))
        }
      }
    }
  }

  /// One chain over `images` for each weight.
  func backwardWeight(_ images: Range<Int>, start: [Float]) -> Chains {
    Chains(start: start) { index, term in
      let (o, c, i, j) = split(index, s.in_channels, s.kernel_h, s.kernel_w)
      for n in images {
        for h in 0..<s.out_h {
          for v in 0..<s.out_w {
            term(x(n, c, h * s.stride_h - s.pad_h + i, v * s.stride_w - s.pad_w + j), y(n, o, h, v))
          }
        }
      }
    }
  }

  /// The documented order: a chain for each of at most 16 chunks of images where the weights are
  /// few, the chunks' sums added in ascending order; else one chain.
  func backwardWeight(_ accumulate: Bool) -> [Float] {
    let chunks = w.count > 65536 ? 1 : min(s.batch, 16)
    if chunks == 1 {
      return backwardWeight(0..<s.batch, start: accumulate ? w : w.map { _ in 0 }).sums
    }
    let cut = { s.batch / chunks * $0 + min($0, s.batch % chunks) }
    var total = backwardWeight(cut(0)..<cut(1), start: w.map { _ in 0 }).sums
    for chunk in 1..<chunks {
      let next = backwardWeight(cut(chunk)..<cut(chunk + 1), start: w.map { _ in 0 }).sums
      for i in total.indices { total[i] += next[i] }
    }
    return accumulate ? zip(w, total).map { $0 + $1 } : total
  }

  private func split(_ index: Int, _ b: Int, _ c: Int, _ d: Int) -> (Int, Int, Int, Int) {
    (index / (b * c * d), index / (c * d) % b, index / d % c, index % d)
  }
}

/// Sums of products, each as a Float chain and in Double.
struct Chains {
  var sums: [Float]
  var exact: [Double]
  var magnitude: [Double]

  init(start: [Float], _ body: (Int, (Float, Float) -> Void) -> Void) {
    sums = start
    exact = start.map(Double.init)
    magnitude = exact.map(abs)
    for index in start.indices {
      var sum = start[index]
      var double = exact[index]
      var size = magnitude[index]
      body(index) { a, b in
        sum.addProduct(a, b)
        double += Double(a) * Double(b)
        size += abs(Double(a) * Double(b))
      }
      sums[index] = sum
      exact[index] = double
      magnitude[index] = size
    }
  }

  /// The largest error of the Float chain, as a share of the sum of the terms' sizes.
  var largestError: Double {
    sums.indices.map { abs(Double(sums[$0]) - exact[$0]) / (magnitude[$0] + 1e-9) }.max() ?? 0
  }
}

@Suite("The convolutions")
struct MatrixConvolutionTests {
  let pools = [1, 2, 5].map(TestPool.init)

  /// Runs a kernel on a copy of `output`, on every instruction set and thread count.
  func check(
    _ expected: [Float], from output: [Float], _ what: String,
    _ kernel: (OpaquePointer?, UnsafeMutablePointer<Float>) -> Void
  ) {
    for isa in instructionSets {
      for (pool, threads) in zip(pools, [1, 2, 5]) {
        var seen = output + [123]  // a guard behind the output
        with(isa) { kernel(pool.raw, &seen) }
        #expect(
          firstDifference(seen, expected + [123]) == nil,
          "\(what), isa \(isa.rawValue), \(threads) threads")
      }
    }
  }

  @Test("of images are the documented chains", arguments: ConvolutionCase.all, [false, true])
  func forward(_ shape: ConvolutionCase, accumulate: Bool) {
    let data = ConvolutionData(shape)
    let expected = data.forward(accumulate)
    #expect(expected.largestError < 1e-6)
    var plain = data.s
    var transposed = shape.transposed
    check(expected.sums, from: data.y, "plain forward") {
      ck_conv2d_forward($0, &plain, data.x, data.w, $1, accumulate ? 1 : 0, nil)
    }
    check(expected.sums, from: data.y, "transposed backward input") {
      ck_conv_transpose2d_backward_input($0, &transposed, data.x, data.w, $1, accumulate ? 1 : 0)
    }
  }

  @Test(
    "of output gradients are the documented chains", arguments: ConvolutionCase.all, [false, true])
  func backwardInput(_ shape: ConvolutionCase, accumulate: Bool) {
    let data = ConvolutionData(shape)
    let expected = data.backwardInput(accumulate)
    #expect(expected.largestError < 1e-6)
    var plain = data.s
    var transposed = shape.transposed
    check(expected.sums, from: data.x, "plain backward input") {
      ck_conv2d_backward_input($0, &plain, data.y, data.w, $1, accumulate ? 1 : 0)
    }
    check(expected.sums, from: data.x, "transposed forward") {
      ck_conv_transpose2d_forward($0, &transposed, data.y, data.w, $1, accumulate ? 1 : 0, nil)
    }
  }

  @Test("for weights are the documented chains", arguments: ConvolutionCase.all, [false, true])
  func backwardWeight(_ shape: ConvolutionCase, accumulate: Bool) {
    let data = ConvolutionData(shape)
    let expected = data.backwardWeight(accumulate)
    let whole = data.backwardWeight(
      0..<data.s.batch, start: accumulate ? data.w : data.w.map { _ in 0 })
    for i in expected.indices {
      let error = abs(Double(expected[i]) - whole.exact[i])
      #expect(error <= 1e-6 * (whole.magnitude[i] + 1e-9))
    }
    var plain = data.s
    var transposed = shape.transposed
    check(expected, from: data.w, "plain backward weight") {
      ck_conv2d_backward_weight($0, &plain, data.y, data.x, $1, accumulate ? 1 : 0)
    }
    check(expected, from: data.w, "transposed backward weight") {
      ck_conv_transpose2d_backward_weight(
        $0, &transposed, data.x, data.y, $1, accumulate ? 1 : 0)
    }
  }

  @Test(
    "add a bias to each output channel, then apply the activation", arguments: ConvolutionCase.all)
  func epilogue(_ shape: ConvolutionCase) {
    let data = ConvolutionData(shape)
    var plain = data.s
    var transposed = shape.transposed
    data.bias.withUnsafeBufferPointer { bias in
      var epilogue = ck_epilogue()
      epilogue.bias = bias.baseAddress
      epilogue.activation = CK_ACTIVATION_RELU
      var area = plain.out_h * plain.out_w
      let forward = data.forward(false).sums.enumerated().map { index, value in
        max(0, value + bias[index / area % plain.out_channels])
      }
      check(forward, from: data.y, "plain forward") {
        ck_conv2d_forward($0, &plain, data.x, data.w, $1, 0, &epilogue)
      }
      area = plain.in_h * plain.in_w
      let backward = data.backwardInput(false).sums.enumerated().map { index, value in
        max(0, value + bias[index / area % plain.in_channels])
      }
      check(backward, from: data.x, "transposed forward") {
        ck_conv_transpose2d_forward($0, &transposed, data.y, data.w, $1, 0, &epilogue)
      }
    }
  }

  @Test("of no images leave nothing to do, and give weights no gradient")
  func empty() {
    var shape = ConvolutionCase(batch: 0).shape
    var w = [Float](repeating: 1, count: shape.out_channels * shape.in_channels * 9)
    var y: [Float] = [1]
    ck_conv2d_forward(nil, &shape, [], w, &y, 0, nil)
    ck_conv2d_backward_weight(nil, &shape, [], [], &w, 0)
    #expect(y == [1] && w.allSatisfy { $0 == 0 })
  }
}
