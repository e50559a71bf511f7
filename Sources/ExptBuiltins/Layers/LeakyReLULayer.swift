import ExptComponents
import ExptTensor

/// x for x > 0, else slope·x.
public struct LeakyReLULayer: ActivationLayer {
  public static let id = "leaky_relu"
  public static let summary = "x for x > 0, else slope·x."

  @Setting("The slope below 0.", .within(0...1)) public var slope: Float = 0.01

  public init() {}

  public var activation: Activation { .leakyReLU(slope: slope) }
}
