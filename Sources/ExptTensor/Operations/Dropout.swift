internal import CKernels

/// In training, each element is 0 with probability `rate` and otherwise x / (1 − rate), so that its
/// mean stays; in evaluation, x itself.
///
/// - Parameters:
///   - rate: At least 0 and below 1.
///   - stream: As for `Graph.normal`: an element is dropped where the uniform number of the same
///     stream, path, seed and position is below `rate`.
///
/// Source: Srivastava et al., "Dropout", JMLR 2014.
public func dropout(_ x: Tensor, rate: Float, stream: String = "dropout") -> Tensor {
  precondition((0..<1).contains(rate), "dropout: a rate of \(rate) is not in 0 ..< 1")
  if x.graph.mode == .evaluation || rate == 0 { return x }
  let stream = x.graph.streamNumber(stream)
  return .applying(Dropout(rate: rate, stream: stream), to: [x], shape: x.shape)
}

private struct Dropout: Operation {
  let name = "dropout"
  let rate: Float
  let stream: UInt64

  /// Nothing: which elements were dropped is drawn once more.
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    ck_dropout(
      pass.pool, rate, pass.run.seed, stream, pass.run.position, pass.output.count,
      pass.inputs[0].pointer, ck_gradient(to: pass.output.pointer, add: 0))
  }

  func backward(_ pass: BackwardPass) {
    ck_dropout(
      pass.pool, rate, pass.run.seed, stream, pass.run.position, pass.outputGradient.count,
      pass.outputGradient.pointer, pass.inputGradients[0].target)
  }
}
