/// A step of computation with one output, and its gradient. One file in `Operations/` each.
///
/// An operation is a value: its settings. `Plan` calls `forward` and `backward` with memory it laid
/// out beforehand, so neither may allocate. Results must not depend on the number of threads or on
/// the instruction set: see `CKernels`.
public protocol Operation: Sendable {
  /// What the profile, the tables and the error messages call it: `linear`.
  var name: String { get }

  /// What `backward` reads of the forward pass. Less means less memory. The default is both.
  var backwardReads: BackwardReads { get }

  /// Memory written by `forward` and read by `backward`. The default is none.
  func saved(inputs: [Shape], output: Shape) -> [Shape]

  /// Memory that `backward` uses while it runs. The default is none.
  func scratch(inputs: [Shape], output: Shape) -> [Shape]

  /// The multiply-adds of the forward pass, for products and convolutions (taps on padding
  /// included): what speed is counted in. The default is 0.
  func multiplyAdds(inputs: [Shape], output: Shape) -> Int

  /// What it computes, if other programs know it. The default is nil.
  var meaning: OperationMeaning? { get }

  /// The inputs for which `backward` can take the optimizer's step at once, instead of writing the
  /// gradient, where they are parameters: see `GradientSlot.updatedFrom`. The default is none.
  var updatableInputs: [Int] { get }

  /// Whether computing it again in the backward pass gives the same numbers: not where it reads state
  /// that the forward pass itself moves. The default is true.
  var isRepeatable: Bool { get }

  /// Computes the output from the inputs.
  func forward(_ pass: ForwardPass)

  /// Computes the gradient of the loss by each input that wants one, in the order of the inputs,
  /// from the gradient by the output.
  func backward(_ pass: BackwardPass)
}

extension Operation {
  public var backwardReads: BackwardReads { [.inputs, .output] }
  public var meaning: OperationMeaning? { nil }
  public var updatableInputs: [Int] { [] }
  public var isRepeatable: Bool { true }
  public func saved(inputs: [Shape], output: Shape) -> [Shape] { [] }
  public func scratch(inputs: [Shape], output: Shape) -> [Shape] { [] }
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int { 0 }
}

/// What an operation's gradient reads of its forward pass.
public struct BackwardReads: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public static let inputs = BackwardReads(rawValue: 1)
  public static let output = BackwardReads(rawValue: 2)
}

/// Memory of one tensor while a plan runs.
public struct Buffer {
  public let pointer: UnsafeMutablePointer<Float>
  public let shape: Shape
  public let count: Int

  init(_ pointer: UnsafeMutablePointer<Float>, _ shape: Shape) {
    self.pointer = pointer
    self.shape = shape
    self.count = shape.count
  }

  public var values: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: pointer, count: count)
  }
}

/// What `Operation.forward` works on.
public struct ForwardPass {
  public let inputs: [Buffer]
  public let output: Buffer
  public let saved: [Buffer]
  public let run: RunContext
  /// Whether it computes what was computed before, in the same step, and was not kept: what a forward
  /// pass does besides its output and `saved`, such as moving running statistics, it does only once.
  public var isRepeated = false
}

/// What `Operation.backward` works on.
public struct BackwardPass {
  /// The inputs of the forward pass: valid only if `backwardReads` has `.inputs`.
  public let inputs: [Buffer]
  /// The output of the forward pass: valid only if `backwardReads` has `.output`.
  public let output: Buffer
  public let saved: [Buffer]
  public let scratch: [Buffer]
  /// Nobody reads it afterwards: `backward` may use it as working memory.
  public let outputGradient: Buffer
  /// One for each input; nil if no gradient is wanted.
  public let inputGradients: [GradientSlot?]
  public let run: RunContext
}

/// Where the gradient by one input goes.
public struct GradientSlot {
  public let buffer: Buffer
  /// Whether to add to what is there (another use of the same input wrote first) or overwrite it.
  public let accumulates: Bool
  /// The number, among all parameters, of the first one that the gradient is by, if nobody but
  /// `backward` needs this gradient or, from then on, that parameter. Then, in a run with an
  /// `UpdateRule` (`RunContext.rule`), `backward` takes the step with its gradient, and does not
  /// write that.
  let updatedFrom: Int?

  public var pointer: UnsafeMutablePointer<Float> { buffer.pointer }
}
