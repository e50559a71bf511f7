import ExptTensor

// Several samples of one example lie in consecutive rows: [batch · count, …].
extension Tensor {
  /// Each example `count` times in a row: `[batch, …]` to `[batch · count, …]`.
  public func repeatedExamples(_ count: Int) -> Tensor {
    if count == 1 { return self }
    return flattened().repeatedRows(count).reshaped(shape.withoutBatch.batched(shape[0] * count))
  }

  /// The first of `count` samples of each example: `[batch · count, …]` to `[batch, …]`.
  public func firstOfSamples(_ count: Int) -> Tensor {
    if count == 1 { return self }
    let example = shape.withoutBatch
    let batch = shape[0] / count
    return reshaped([batch, count * example.count]).columns(0..<example.count)
      .reshaped(example.batched(batch))
  }
}
