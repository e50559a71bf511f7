import ExptTensor
import ExptTesting
import Testing

/// Layouts and meanings of convolutions against PyTorch 2.13 in float64:
///
///     import torch, torch.nn.functional as F
///     def ramp(n, m, *s):
///       return (((torch.arange(n, dtype=torch.float64) * m) % 11).reshape(s) / 10 - 0.5
///         ).requires_grad_()
///     b = torch.tensor([0.1, -0.2, 0.3], dtype=torch.float64)
///     x, w = ramp(120, 3, 2, 2, 6, 5), ramp(96, 7, 3, 2, 4, 4)
///     y = F.conv2d(x, w, b, stride=2, padding=1)
///     # or
///     x, w = ramp(36, 3, 2, 2, 3, 3), ramp(96, 7, 2, 3, 4, 4)
///     y = F.conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1)
///     c = ramp(y.numel(), 4, *y.shape).detach(); (y * c).sum().backward()
///     y.flatten()[-8:], x.grad.flatten()[:8], w.grad.flatten()[-8:], y.sum()
@Suite("Convolutions beside PyTorch's")
struct ConvolutionPyTorchTests {
  private func ramp(_ count: Int, _ step: Int) -> [Float] {
    (0..<count).map { Float($0 * step % 11) / 10 - 0.5 }
  }

  private func isClose(_ seen: some Sequence<Float>, _ expected: [Double]) -> Bool {
    largestError(Array(seen), expected) < 1e-5
  }

  @Test func `a convolution has the same values and gradients`() {
    let run = GraphRun(
      [([2, 2, 6, 5], ramp(120, 3)), ([3, 2, 4, 4], ramp(96, 7)), ([3], [0.1, -0.2, 0.3])],
      weights: ramp(36, 4)
    ) { conv2d($1[0], weight: $1[1], bias: $1[2], stride: 2, padding: 1) }
    #expect(run.outputShape == [2, 3, 3, 2])
    #expect(isClose(run.output.suffix(8), [0.3, -0.16, 0.78, 0.11, -0.25, -0.04, 0.4, 1.12]))
    #expect(
      isClose(
        run.inputGradients[0].prefix(8), [0.07, -0.14, 0.1, -0.04, -0.05, -0.18, 0.62, 0.17]))
    #expect(
      isClose(
        run.inputGradients[1].suffix(8), [0.05, 0.32, -0.53, -0.06, -0.01, -0.46, -0.19, 0.41]))
    #expect(abs(run.output.reduce(0, +) - 3.15) < 1e-4)
  }

  @Test func `a transposed convolution with output padding has the same values and gradients`() {
    let run = GraphRun(
      [([2, 2, 3, 3], ramp(36, 3)), ([2, 3, 4, 4], ramp(96, 7)), ([3], [0.1, -0.2, 0.3])],
      weights: ramp(294, 4)
    ) {
      convTranspose2d(
        $1[0], weight: $1[1], bias: $1[2], stride: 2, padding: 1, outputPadding: (1, 1))
    }
    #expect(run.outputShape == [2, 3, 7, 7])
    #expect(isClose(run.output.suffix(8), [0.39, 0.47, -0.14, 0.49, 0.35, 0.39, 0.42, 0.1]))
    #expect(
      isClose(
        run.inputGradients[0].prefix(8), [1.05, -2.01, -0.41, 1.33, -1.82, -1.82, 1.82, 0.05]))
    #expect(
      isClose(
        run.inputGradients[1].suffix(8), [0.36, -0.34, 0.13, 0.6, -0.4, 0.31, -0.21, -0.51]))
    #expect(abs(run.output.reduce(0, +) - 19.44) < 1e-3)
  }
}
