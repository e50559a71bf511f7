internal import CKernels

/// The columns of `[batch, d]` tensors side by side, or the channels of `[batch, channels, …]` ones.
///
///     concatenate(a, b)  // [batch, 3] and [batch, 5]: [batch, 8]
public func concatenate(_ first: Tensor, _ others: Tensor...) -> Tensor {
  concatenate([first] + others)
}

/// The same of a list that is not empty.
public func concatenate(_ parts: [Tensor]) -> Tensor {
  guard let first = parts.first else { preconditionFailure("concatenate: nothing to put together") }
  if parts.count == 1 { return first }
  let (batch, pixels) = (first.shape.dimensions.first, first.shape.dimensions.dropFirst(2))
  precondition(
    parts.allSatisfy {
      $0.shape.rank >= 2 && $0.shape[0] == batch && $0.shape.dimensions.dropFirst(2) == pixels
    }, "concatenate: shapes \(parts.map(\.shape)) differ in more than their second axis")
  let channels = parts.reduce(0) { $0 + $1.shape[1] }
  return .applying(
    Concatenate(), to: parts, shape: Shape([first.shape[0], channels] + Array(pixels)))
}

private struct Concatenate: Operation {
  let name = "concatenate"
  var backwardReads: BackwardReads { [] }

  var meaning: OperationMeaning? { .concatenate }

  func forward(_ pass: ForwardPass) {
    var first = 0
    for part in pass.inputs {
      let rows = Rows(of: part.shape, in: pass.output.shape, first: first)
      ck_copy_rows(
        pass.pool, rows.count, rows.length, part.pointer, rows.length,
        ck_gradient(to: pass.output.pointer + rows.offset, add: 0), rows.stride)
      first += part.shape[1]
    }
  }

  func backward(_ pass: BackwardPass) {
    var first = 0
    for (part, slot) in zip(pass.inputs, pass.inputGradients) {
      let rows = Rows(of: part.shape, in: pass.outputGradient.shape, first: first)
      if slot != nil {
        ck_copy_rows(
          pass.pool, rows.count, rows.length, pass.outputGradient.pointer + rows.offset,
          rows.stride, slot.target, rows.length)
      }
      first += part.shape[1]
    }
  }
}
