import ExptComponents
import ExptTensor

/// Convolutions, then fully connected layers; as a decoder, fully connected layers, then transposed
/// convolutions.
///
/// Encoding, each entry of `channels` is a convolution to this many channels, followed by
/// normalisation and activation; the result is flattened and goes through the `hidden` layers. Without
/// `hidden` layers it stays a map, for models whose latents are one.
///
/// Decoding, the latents go through the `hidden` layers and one more to `channels[0]` small images,
/// of the size to which as many convolutions would bring the target. Latents that are maps of that size
/// go through a 1×1 convolution instead. Each transposed convolution
/// leads to the next entry of `channels`, the last one, without activation, to the target. Sizes
/// that a stride does not divide come back exactly, by output padding.
///
/// Lists are in the order of the data: `channels: [32, 64]` in an encoder is mirrored by
/// `channels: [64, 32]` in a decoder.
///
/// Parameters, numbered through: `0.weight` `[32, 1, 4, 4]`, `0.bias`, `1.weight`, …
public struct Conv: Architecture {
  public static let id = "conv"
  public static let summary = "Convolutions and fully connected layers."

  @Setting("Channels of each convolution, from input to output.", .within(1...65536))
  public var channels: [Int] = [32, 64]
  @Setting("Side of the square kernels.", .within(1...1024))
  public var kernel: Int = 4
  @Setting("Step of the convolutions: 2 halves the side.", .within(1...1024))
  public var stride: Int = 2
  @Setting("Rows and columns of zeros added on each side, or same.", .within(0...1024))
  public var padding: Padding = 1
  @Setting(
    "Units of the fully connected layers, from input to output; [] for none.", .within(1...1e6))
  public var hidden: [Int] = [256]
  @Setting("The function after each layer except a decoder's last.")
  public var activation: Activation = .relu
  @Setting("Normalise each layer over the batch, before the activation.")
  public var batchNorm: Bool = false
  @Group public var weights = WeightSettings()

  public init() {}

  public func check(_ report: SettingsReport) {
    if channels.isEmpty { report.error(noChannels.message, at: "channels", help: noChannels.help) }
    if let problem = padding.problem(kernel: kernel) {
      report.error(problem.message, at: "padding", help: problem.help)
    }
  }

  public func encode(_ images: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    var x = images
    for (index, count) in channels.enumerated() {
      x = try locating("channels") { () throws(BuildProblem) in
        try layer.apply(in: scope.child("\(index)")) {
          (activation, bias, scope) throws(BuildProblem) in
          try conv2d(
            x, channels: count, kernel: kernel, stride: stride, padding: rows,
            activation: activation, bias: bias, weights: weights.options, in: scope)
        }
      }
    }
    if hidden.isEmpty { return x }
    return try throughHidden(x.flattened(), firstIndex: channels.count, in: scope)
  }

  public func decode(_ latents: Tensor, to target: DecoderTarget, in scope: Scope)
    throws(BuildProblem) -> Tensor
  {
    let sizes = try sizes(from: target.shape)
    guard let smallest = sizes.last, let first = channels.first else { throw noChannels }
    let start = try checkedShape([first, smallest.height, smallest.width], of: "the first image")
    var x = try small(latents, start, in: scope)
    for (index, size) in sizes.dropLast().reversed().enumerated() {
      let isLast = index == channels.count - 1
      let layer = isLast ? HiddenLayer(activation: .none) : layer
      x = try layer.apply(in: scope.child("\(hidden.count + 1 + index)")) {
        (activation, bias, scope) throws(BuildProblem) in
        try convTranspose2d(
          x, channels: isLast ? target.shape[0] : channels[index + 1], kernel: kernel,
          stride: stride, padding: rows,
          size: .exactly(height: size.height, width: size.width), activation: activation,
          bias: isLast ? target.bias.map(Bias.starting) ?? .drawn : bias,
          weights: weights.options, in: scope)
      }
    }
    return x
  }

  /// The small images that a decoder starts from.
  private func small(_ latents: Tensor, _ start: Shape, in scope: Scope) throws(BuildProblem)
    -> Tensor
  {
    let isMap =
      latents.shape.rank == 4 && hidden.isEmpty
      && latents.shape.count(from: 2) == start.count(from: 1)
      && latents.shape[2] == start[1]
    let x = isMap ? latents : try throughHidden(latents.flattened(), firstIndex: 0, in: scope)
    return try layer.apply(in: scope.child("\(hidden.count)")) {
      (activation, bias, scope) throws(BuildProblem) in
      if isMap {
        return try conv2d(
          x, channels: start[0], kernel: 1, stride: 1, padding: 0, activation: activation,
          bias: bias, weights: weights.options, in: scope)
      }
      return try linear(
        x, to: start.count, activation: activation, bias: bias, weights: weights.options, in: scope
      ).reshaped(start.batched(x.shape[0]))
    }
  }

  public func mirrored(image: Shape) -> any Architecture {
    var mirror = self
    mirror.channels = channels.reversed()
    mirror.hidden = hidden.reversed()
    return mirror
  }

  private var layer: HiddenLayer {
    HiddenLayer(
      activation: activation, normalization: batchNorm ? .batch : .none, weights: weights.options)
  }

  /// The padding in rows: a `same` that cannot be was refused when the settings were read.
  private var rows: Int { padding.size(kernel: kernel) ?? kernel / 2 }

  private var noChannels: BuildProblem {
    BuildProblem("conv needs at least one entry in 'channels'", help: "or use mlp")
  }

  private func throughHidden(_ x: Tensor, firstIndex: Int, in scope: Scope) throws(BuildProblem)
    -> Tensor
  {
    var x = x
    for (index, units) in hidden.enumerated() {
      x = try locating("hidden") { () throws(BuildProblem) in
        try layer.linear(x, to: units, in: scope.child("\(firstIndex + index)"))
      }
    }
    return x
  }

  /// The sizes that an image goes through in as many convolutions, the image's own first.
  private func sizes(from image: Shape) throws(BuildProblem) -> [(height: Int, width: Int)] {
    let geometry = try convolutionGeometry(kernel: kernel, stride: stride, padding: rows)
    var sizes = [(height: image[1], width: image[2])]
    for _ in channels {
      let last = sizes[sizes.count - 1]
      guard let height = geometry.convolved(last.height, kernel: kernel),
        let width = geometry.convolved(last.width, kernel: kernel)
      else {
        throw BuildProblem(
          "\(channels.count) steps with a kernel of \(kernel)×\(kernel), \(geometry) do not fit "
            + "an image of \(image[1])×\(image[2])",
          help: "use fewer channels, a smaller kernel or more padding", at: ["channels"])
      }
      sizes.append((height, width))
    }
    return sizes
  }
}
