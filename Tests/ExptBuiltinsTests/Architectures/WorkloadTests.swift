import ExptBuiltins
import ExptComponents
import ExptTensor
import Testing

/// The networks that are benchmarked, as an experiment file writes them; parameters counted by hand:
/// (inputs + 1) · outputs for a linear layer, (inputs · kernel + 1) · outputs for a convolution;
/// multiply-adds for one image: each weight as often as it is used.
@Suite("Benchmarked networks")
struct WorkloadTests {
  static let cases: [(name: String, model: String, image: Shape, parameters: Int, products: Int)] =
    [
      (
        "784-400-20", "{ type: vae, latent: 20, encoder: { type: mlp, hidden: [400] } }",
        [1, 28, 28], 652_824, 651_200
      ),
      (
        "two convolutions",
        """
        { type: vae, latent: 16, encoder:
          { type: conv, channels: [32, 64], kernel: 4, stride: 2, padding: 1, hidden: [256] } }
        """, [1, 28, 28], 1_688_289, 5_029_888
      ),
      (
        "784-200-200-50",
        """
        { type: iwae, latent: 50, samples: 1,
          encoder: { type: mlp, hidden: [200, 200], activation: tanh } }
        """, [1, 28, 28], 425_284, 423_600
      ),
      (
        "four convolutions",
        """
        { type: vae, latent: 128, likelihood: { type: gaussian, scale: 1 }, encoder:
          { type: conv, channels: [32, 64, 128, 256], kernel: 4, stride: 2, padding: 1, hidden: [] } }
        """, [3, 64, 64], 2_957_251, 55_050_240
      ),
    ]

  @Test(arguments: cases)
  func `each has the parameters and multiply-adds that its layers add up to`(
    name: String, text: String, image: Shape, parameters: Int, products: Int
  ) throws {
    let model: any Model = try network(.model, text)
    let graph = Graph(mode: .training, parameters: ParameterSet())
    let scope = Scope(graph, data: .black(image))
    let terms = try model.loss(Batch(4, in: scope), in: LossPass(scope: scope))
    #expect(terms.total.shape == .scalar)
    #expect(graph.parameters.trainableCount == parameters)
    #expect(graph.multiplyAdds == 4 * products)
  }
}
