internal import CKernels

/// A matrix `[rows, width]` of which each row has a few numbers above 0, and those alone.
///
/// Where a dense matrix would be read and written many times for the sake of a few numbers, lists of them take
/// a small part of the time and memory.
public struct SparseRows {
  /// `[rows, 2·all]`: numbers, then the columns they stand in, as whole numbers; of all lists that were made
  /// together.
  fileprivate let entries: Tensor
  fileprivate let part: Part
  /// Columns of the matrix.
  public let width: Int

  /// Which of a row's entries are its own.
  fileprivate struct Part: Sendable {
    var first: Int
    var count: Int

    func of(_ entries: Buffer) -> ck_entries {
      let step = entries.shape[1]
      return ck_entries(
        count: count, step: step, values: entries.pointer + first,
        places: entries.pointer + step / 2 + first)
    }
  }

  /// The most numbers of a row.
  public static var mostEntries: Int { Int(CK_MOST_ENTRIES) }

  /// The product with `w` `[width, n]`: `[rows, n]`. The gradient by a number goes where it is above 0.
  public func product(_ w: Tensor) -> Tensor {
    precondition(
      w.shape.rank == 2 && w.shape[0] == width, "SparseRows: \(width) columns · \(w.shape)")
    return .applying(
      SparseRowsProduct(part: part), to: [entries, w], shape: [entries.shape[0], w.shape[1]])
  }

  /// In how many rows each column is above 0: `[width]`. No gradient.
  public var counts: Tensor {
    .applying(SparseRowsCounts(part: part), to: [entries.stopGradient()], shape: [width])
  }
}

/// The `count` greatest of a linear layer's results x·Wᵀ + b for each row, where they are above 0, and the `others`
/// greatest of the columns that `among` names, likewise; of equal numbers the first.
///
/// Shapes: `x` `[rows, n]`, `weight` `[width, n]`, `bias` `[width]`, `among` `[width]`, 1 or 0. The results
/// themselves are not kept: they are computed some rows at a time.
public func greatestOfLinear(
  _ x: Tensor, weight: Tensor, bias: Tensor, count: Int, among: Tensor? = nil, others: Int = 0
) -> (greatest: SparseRows, others: SparseRows) {
  let width = weight.shape[0]
  precondition(
    x.shape.rank == 2 && weight.shape.rank == 2 && x.shape[1] == weight.shape[1]
      && bias.shape == [width] && (among.map { $0.shape == [width] } ?? (others == 0)),
    "greatestOfLinear: \(x.shape), \(weight.shape), \(bias.shape)")
  precondition(
    count > 0 && others >= 0 && count + others <= SparseRows.mostEntries && width <= 1 << 24,
    "greatestOfLinear: \(count) and \(others) of \(width)")
  let entries = Tensor.applying(
    GreatestOfLinear(count: count, others: others),
    to: [x, weight, bias] + (among.map { [$0.stopGradient()] } ?? []),
    shape: [x.shape[0], 2 * (count + others)])
  return (
    SparseRows(entries: entries, part: .init(first: 0, count: count), width: width),
    SparseRows(entries: entries, part: .init(first: count, count: others), width: width)
  )
}

private struct GreatestOfLinear: Operation {
  let name = "greatest_of_linear"
  let count: Int
  let others: Int
  /// Rows whose results are computed at a time: enough for products, few enough for the cache.
  private static let rows = 512

  func saved(inputs: [Shape], output: Shape) -> [Shape] {
    [[min(Self.rows, output[0]), inputs[1][0]]]
  }

  func multiplyAdds(inputs: [Shape], output: Shape) -> Int { inputs[0].count * inputs[1][0] }

  func forward(_ pass: ForwardPass) {
    let (x, weight, some) = (pass.inputs[0], pass.inputs[1], pass.saved[0])
    let (inputs, width, step) = (x.shape[1], weight.shape[0], pass.output.shape[1])
    var epilogue = ck_epilogue()
    epilogue.bias = UnsafePointer(pass.inputs[2].pointer)
    for first in stride(from: 0, to: x.shape[0], by: Self.rows) {
      let rows = min(Self.rows, x.shape[0] - first)
      ck_gemm(
        pass.pool, 0, 1, rows, width, inputs, x.pointer + first * inputs, inputs, weight.pointer,
        inputs, some.pointer, width, 0, &epilogue)
      let entries = pass.output.pointer + first * step
      ck_top_k_entries(
        pass.pool, rows, width, some.pointer, nil,
        ck_entries(count: count, step: step, values: entries, places: entries + step / 2))
      guard others > 0, pass.inputs.count > 3 else { continue }
      ck_top_k_entries(
        pass.pool, rows, width, some.pointer, pass.inputs[3].pointer,
        ck_entries(
          count: others, step: step, values: entries + count, places: entries + step / 2 + count))
    }
  }

  func backward(_ pass: BackwardPass) {
    let (x, weight) = (pass.inputs[0], pass.inputs[1])
    ck_entries_linear_backward(
      pass.pool, x.shape[0], weight.shape[0], x.shape[1],
      SparseRows.Part(first: 0, count: count + others).of(pass.output), count,
      pass.outputGradient.pointer, x.pointer, weight.pointer, pass.target(0), pass.target(1),
      pass.target(2))
  }
}

private struct SparseRowsProduct: Operation {
  let name = "sparse_rows_product"
  let part: SparseRows.Part
  var backwardReads: BackwardReads { .inputs }

  /// As many as `matmul`'s: what is saved counts as speed.
  func multiplyAdds(inputs: [Shape], output: Shape) -> Int { output.count * inputs[1][0] }

  func forward(_ pass: ForwardPass) {
    let (entries, w, y) = (pass.inputs[0], pass.inputs[1], pass.output)
    ck_entries_product(
      pass.pool, y.shape[0], w.shape[0], w.shape[1], part.of(entries), w.pointer,
      ck_gradient(to: y.pointer, add: 0))
  }

  func backward(_ pass: BackwardPass) {
    let (entries, w, dy) = (pass.inputs[0], pass.inputs[1], pass.outputGradient)
    let target = pass.target(0)
    if let to = target.to, target.add == 0 {
      // Columns, and the entries of other lists, have no gradient from here.
      UnsafeMutableBufferPointer(start: to, count: entries.count).update(repeating: 0)
    }
    ck_entries_product_backward(
      pass.pool, dy.shape[0], w.shape[0], w.shape[1], part.of(entries), w.pointer, dy.pointer,
      target.add, target.to.map { $0 + part.first }, pass.target(1))
  }
}

private struct SparseRowsCounts: Operation {
  let name = "sparse_rows_counts"
  let part: SparseRows.Part
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: ForwardPass) {
    let entries = pass.inputs[0]
    ck_entries_counts(
      entries.shape[0], pass.output.count, part.of(entries), pass.output.pointer)
  }

  /// No gradient goes upstream.
  func backward(_ pass: BackwardPass) {}
}
