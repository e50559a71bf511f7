import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTesting
import Testing

@Suite("conv")
struct ConvTests {
  @Test func `the usual network for 28×28 digits and its mirror`() throws {
    let encoding = try Recording(encoding: [1, 28, 28], with: Conv())
    #expect(encoding.output == [2, 256])
    #expect(
      encoding.layers == [
        "0: conv 1 → 32, 4×4, stride 2, padding 1, relu",
        "1: conv 32 → 64, 4×4, stride 2, padding 1, relu", "2: linear 3136 → 256, relu",
      ])
    let decoding = try Recording(
      decoding: 16, to: [1, 28, 28], with: Conv().mirrored(image: [1, 28, 28]))
    #expect(decoding.output == [2, 1, 28, 28])
    #expect(
      decoding.layers == [
        "0: linear 16 → 256, relu", "1: linear 256 → 3136, relu",
        "2: conv_transpose 64 → 32, 4×4, stride 2, padding 1, relu",
        "3: conv_transpose 32 → 1, 4×4, stride 2, padding 1",
      ])
    #expect(
      decoding.parameters == [
        "0.weight 256×16", "0.bias 256", "1.weight 3136×256", "1.bias 3136",
        "2.weight 64×32×4×4", "2.bias 32", "3.weight 32×1×4×4", "3.bias 1",
      ])
  }

  @Test func `four steps bring 3×64×64 to 256×4×4 and back, without hidden layers`() throws {
    var conv = Conv()
    conv.channels = [32, 64, 128, 256]
    conv.hidden = []
    #expect(try Recording(encoding: [3, 64, 64], with: conv).output == [2, 256, 4, 4])
    let decoding = try Recording(
      decoding: 128, to: [6, 64, 64], with: conv.mirrored(image: [3, 64, 64]))
    #expect(decoding.output == [2, 6, 64, 64])
    #expect(decoding.layers.first == "0: linear 128 → 4096, relu")
    #expect(decoding.layers.last == "4: conv_transpose 32 → 6, 4×4, stride 2, padding 1")
  }

  @Test(arguments: [(4, 2, 1), (3, 2, 1), (3, 1, 1), (5, 3, 0), (2, 2, 0), (1, 2, 0), (3, 2, 2)])
  func `every image size that fits comes back exactly`(kernel: Int, stride: Int, padding: Int)
    throws
  {
    var conv = Conv()
    conv.channels = [3, 2]
    conv.hidden = []
    (conv.kernel, conv.stride, conv.padding) = (kernel, stride, .size(padding))
    var fitted = 0
    for (height, width) in zip(1...40, [33, 7, 28, 40].cycled(40)) {
      let image: Shape = [2, height, width]
      guard let encoding = try? Recording(encoding: image, with: conv) else { continue }
      let decoding = try Recording(
        decoding: 5, to: image, with: conv.mirrored(image: image))
      #expect(decoding.output == image.batched(2), "kernel \(kernel), \(image)")
      #expect(encoding.output.count > 0)
      fitted += 1
    }
    #expect(fitted > 15)
  }

  @Test func `batch normalisation takes the place of the bias`() throws {
    var conv = Conv()
    conv.batchNorm = true
    conv.hidden = []
    let encoding = try Recording(encoding: [1, 28, 28], with: conv)
    #expect(encoding.parameters.contains("0.norm.running_var 32"))
    #expect(!encoding.parameters.contains("0.bias 32"))
    let decoding = try Recording(
      decoding: 16, to: [1, 28, 28], with: conv.mirrored(image: [1, 28, 28]))
    #expect(decoding.parameters.contains("0.norm.weight 64"))
    #expect(decoding.parameters.suffix(2) == ["2.weight 32×1×4×4", "2.bias 1"])
  }

  @Test func `the decoder's last bias is each channel's mean of the target's`() throws {
    var conv = Conv()
    conv.channels = [2]
    conv.hidden = []
    let run = try GraphRun([([1, 3], [1, 2, 3])]) { graph, x in
      try conv.decode(
        x[0],
        to: DecoderTarget(shape: [2, 2, 2], bias: { [1, 2, 3, 4, -1, -1, -1, -2] }),
        in: Scope(graph, data: .black([2, 2, 2])))
    }
    #expect(run.parameters["1.bias"].map { Array($0.values) } == [2.5, -1.25])
  }

  @Test func `gradients agree with differences through encoder and decoder`() throws {
    var conv = Conv()
    conv.channels = [3, 4]
    conv.hidden = [6]
    conv.activation = .elu()
    let check = try GradientCheck([.uniform([2, 1, 9, 8], 0...1)]) { graph, x in
      let scope = Scope(graph, data: .black([1, 9, 8]))
      let features = try conv.encode(x[0], in: scope.child("encoder"))
      return try conv.mirrored(image: [1, 9, 8]).decode(
        features, to: DecoderTarget(shape: [1, 9, 8]), in: scope.child("decoder"))
    }
    #expect(check.relativeError < 5e-3, "\(check)")
  }

  @Test func `kernels that do not fit are refused, naming the sizes`() {
    var conv = Conv()
    conv.channels = [8, 8, 8]
    conv.padding = 0
    let encoding = problem { () throws(BuildProblem) in
      _ = try Recording(encoding: [1, 16, 16], with: conv)
    }
    #expect(
      encoding?.message == "a kernel of 4×4 does not fit an image of 8×2×2 with padding 0")
    #expect(encoding?.path == ["channels"])
    let decoding = problem { () throws(BuildProblem) in
      _ = try Recording(decoding: 3, to: [1, 16, 16], with: conv)
    }
    #expect(
      decoding?.message
        == "3 steps with a kernel of 4×4, stride 2 and padding 0 do not fit an image of 16×16")
    #expect(decoding?.help != nil)
  }

  @Test func `an empty list of channels and absurd sizes are refused`() {
    var conv = Conv()
    conv.channels = []
    #expect(
      problem { () throws(BuildProblem) in
        _ = try Recording(decoding: 3, to: [1, 16, 16], with: conv)
      }?.message == "conv needs at least one entry in 'channels'")
    conv.channels = [Int.max]
    for kernel in [4, Int.max] {
      conv.kernel = kernel
      #expect(
        problem { () throws(BuildProblem) in
          _ = try Recording(encoding: [1, 16, 16], with: conv)
        } != nil)
      #expect(
        problem { () throws(BuildProblem) in
          _ = try Recording(decoding: 3, to: [1, 16, 16], with: conv)
        } != nil)
    }
  }
}

extension Array {
  fileprivate func cycled(_ count: Int) -> [Element] { (0..<count).map { self[$0 % self.count] } }
}
