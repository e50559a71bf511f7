import ExptComponents
import ExptTensor
import Foundation

/// A causal convolutional network over the sequence of an image's codes: the choice at each place, given
/// those before it.
///
///     log p(c) = Σₚ log softmax(logits(c₀ … cₚ₋₁))[cₚ]
///
/// The latents are one-hot choices, or the numbers of codes, and so are the draws.
///
/// Each place begins with the embedding of the code before it and one of the place; layers with dilations
/// 1, 2, 4, … then add what they make of a place and the one that far back:
///
///     hₚ ← hₚ + W₂·f(W₁·[hₚ, hₚ₋dilation])        logitsₚ = W·f(hₚ) + biasₚ
///
/// so that with the default number of layers all earlier codes are seen. Codes of a map are taken row by
/// row. A draw goes place by place, each with a pass of the network.
///
/// What is kept: `space`, the number of codes and of choices; `embedding` `[size, channels]`, `place`
/// `[count, channels]`, `layers.i.…`, `logits.…` and `bias` `[count, size]`. It tells the negative
/// log-likelihood of the images held out, in nats a code and in bits an image.
///
/// Sources: van den Oord, Vinyals & Kavukcuoglu, "Neural Discrete Representation Learning", NIPS 2017,
/// section 3.3; the causal convolutions: van den Oord et al., "WaveNet", 2016, section 2.1.
public struct AutoregressiveSampler: Sampler {
  public static let id = "autoregressive"
  public static let summary = "A causal convolutional network over codes, drawn place by place."
  public static let exampleSettings =
    "{ channels: 6, epochs: 25, batch_size: 32, patience: 2, learning_rate: 0.2 }"

  @Setting("Numbers for each place in every layer.", .within(1...65536)) var channels: Int = 64
  @Setting(
    "Number of layers; null: as many as all earlier codes need to be seen.", .within(0...100))
  var layers: Int? = nil
  @Setting("Activation of the layers.") var activation: Activation = .relu
  @Setting("Draws from the posterior of each image, shown in turn.", .within(1...1000))
  public var draws: Int = 1
  @Group var loop = FitSettings()

  public init() {}

  public func fit(_ latents: FittingData) throws(SamplerProblem) -> FittedArrays {
    guard let (grid, size) = latents.space.choices, grid.count > 0 else {
      throw SamplerProblem(
        "an autoregressive sampler needs latents that are codes, and these are \(latents.space); "
          + "realnvp and maf take numbers")
    }
    let count = grid.count
    let draws = latents.draws.map { draw in
      (latents.space.choices(of: draw) ?? []).map(Float.init)
    }
    let result = try GradientFit(
      settings: loop, rows: FitRows(draws: draws, width: count), pool: latents.pool
    ) { (codes, scope) throws(BuildProblem) in
      let shares = try logits(codes, size: size, in: scope).logSoftmax(along: 1)
      let chosen = codes.reshaped([codes.shape.count]).oneHot(size)
      return -(shares * chosen).sumPerExample().reshaped(codes.shape).sumPerExample()
    }()
    return FittedArrays(
      [.init("space", [2], [Float(count), Float(size)])] + result.arrays,
      reached: [
        result.measure("negative log-likelihood", result.loss / Double(count), "nats a code"),
        result.measure("negative log-likelihood", result.loss / log(2), "bits an image"),
      ])
  }

  public func draw(
    _ count: Int, from fitted: FittedArrays, width: Int, seed: UInt64
  ) throws(SamplerProblem) -> [Float] {
    let space = try fitted.values("space", [2]).map { Int(exactly: $0) ?? 0 }
    let (places, size) = (space[0], space[1])
    let isNumbered = places == width && size > 1
    guard places > 0, size > 0, places <= width, isNumbered || places * size == width else {
      throw SamplerProblem("the fitted 'space' is not that of \(width) numbers")
    }
    let drawn = try fitted.draw(count, width: places, seed: seed) {
      (codes, scope) throws(BuildProblem) in
      let logits = try logits(codes, size: size, in: scope)
      // The largest of logits with Gumbel noise is a draw.
      return (logits + scope.graph.gumbel(logits.shape, stream: "code")).argMaxPerExample()
    } _: { network in
      Self.choose(places, network)
    }
    if isNumbered { return drawn }
    var rows = [Float](repeating: 0, count: count * width)
    for (place, choice) in drawn.enumerated() { rows[place * size + Int(choice)] = 1 }
    return rows
  }

  /// Place by place, with the same noise in each pass.
  private static func choose(_ places: Int, _ network: FittedNetwork) -> [Float] {
    guard let codes = network.memory else { return [] }
    for place in 0..<places {
      network.plan.forward()
      let choices = network.plan.value(of: network.result)
      for row in 0..<network.rows { codes[row * places + place] = choices[row * places + place] }
    }
    return Array(codes)
  }

  /// `[n, count]` codes to `[n · count, size]` logits.
  private func logits(
    _ codes: Tensor, size: Int, in scope: Scope
  ) throws(BuildProblem) -> Tensor {
    let (n, count) = (codes.shape[0], codes.shape[1])
    let embedding = scope.parameter(
      "embedding", try checkedShape([size, channels], of: "the embedding of codes"),
      .normal(deviation: 1))
    let places = scope.parameter(
      "place", try checkedShape([count, channels], of: "the embedding of places"),
      .normal(deviation: 1))
    let embedded = embedding.gatheredRows(codes.reshaped([n * count]))
    var h =
      Self.later(embedded.reshaped([n, count * channels]), by: channels)
      + places.reshaped([count * channels])
    for index in 0..<(layers ?? Self.layers(toSee: count)) {
      let layer = scope.child("layers").child("\(index)")
      let back = min(count, 1 << min(index, 30))
      let both = concatenate(
        h.reshaped([n * count, channels]),
        Self.later(h, by: back * channels).reshaped([n * count, channels]))
      let inner = try linear(
        both, to: channels, activation: activation, in: layer.child("0"))
      h = h + (try linear(inner, to: channels, in: layer.child("1"))).reshaped(h.shape)
    }
    let bias = scope.parameter("bias", [count, size], .zeros)
    let logits = try linear(
      activate(h, activation).reshaped([n * count, channels]), to: size,
      in: scope.child("logits"))
    return (logits.reshaped([n, count, size]) + bias).reshaped([n * count, size])
  }

  /// Rows moved to the right, with 0 on the left: `[n, d]`.
  private static func later(_ x: Tensor, by columns: Int) -> Tensor {
    let d = x.shape[1]
    let zeros = x.graph.constant(0, [x.shape[0], min(columns, d)])
    return columns < d ? concatenate(zeros, x.columns(0..<d - columns)) : zeros
  }

  /// Dilations 1, 2, 4, … reach 2ⁿ − 1 places back, and the embedding one more.
  private static func layers(toSee count: Int) -> Int {
    var layers = 0
    while 1 << layers < count { layers += 1 }
    return layers
  }
}
