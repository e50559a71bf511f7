import ExptComponents
import ExptLayers
public import ExptTensor

extension TrainedRun {
  /// A part of the model, recorded for evaluation: its outputs by name.
  public typealias RecordedPart = [(name: String, tensor: Tensor)]

  /// Images `images` `[batch] + image` to `mean` and `log_variance` of their posterior, or to
  /// `latents` of an autoencoder, all `[batch, latent]`.
  public func recordEncoder(batch: Int) -> RecordedPart {
    let (graph, scope) = network.makeGraph()
    let images = graph.input("images", network.facts.image.batched(batch))
    let posterior = network.recorded {
      () throws(BuildProblem) in try network.model.encode(images, in: scope)
    }
    guard case .gaussian(let mean, let logVariance) = posterior else {
      return [("latents", posterior.mean)]
    }
    return [("mean", mean), ("log_variance", logVariance)]
  }

  /// Latents `latents` `[batch, latent]` to the likelihood's raw `parameters`
  /// `[batch, parametersPerPixel · channels, height, width]`, and to `images`, its mean.
  public func recordDecoder(batch: Int) -> RecordedPart {
    let (graph, scope) = network.makeGraph()
    let latents = graph.input("latents", [batch, network.model.network.latent])
    let parameters = network.recorded {
      () throws(BuildProblem) in try network.model.network.decode(latents, in: scope)
    }
    let mean = network.model.network.likelihood.mean(parameters, in: scope.child("likelihood"))
    return [("parameters", parameters), ("images", mean)]
  }
}
