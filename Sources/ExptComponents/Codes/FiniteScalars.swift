import ExptTensor

/// Finite scalar quantization: each number of a code takes one of L values, and the code is all of them
/// together. There is no codebook, and so nothing to collapse.
///
///     h = ½(L − 1)(1 + ε),   o = ½ for even L, else 0
///     b = h·tanh(z + atanh(o/h)) − o,   value = round(b) / ⌊L/2⌋
///
/// The gradient goes past the rounding as it is. Number of a code: Σᵢ dᵢ·Πⱼ₍ⱼ₌₀…ᵢ₋₁₎ Lⱼ, with the digits
/// d = round(b) + ⌊L/2⌋ from 0 to L − 1.
///
/// Shapes: rows `[n, d]`, one column for each of `levels`.
///
/// Source: Mentzer et al., "Finite Scalar Quantization: VQ-VAE Made Simple", ICLR 2024, section 3.1 and
/// appendix A.1 (whose first version wrote tan for atanh).
public struct FiniteScalars: Sendable, Hashable {
  /// Values of each number, at least 2.
  public let levels: [Int]

  private static let epsilon = 1e-3

  public init(_ levels: [Int]) {
    precondition(levels.allSatisfy { $0 >= 2 }, "levels \(levels)")
    self.levels = levels
  }

  /// K.
  public var size: Int { levels.reduce(1, *) }

  private func row(_ graph: Graph, _ number: (Int) -> Double) -> Tensor {
    graph.constant(levels.map { Float(number($0)) }, [levels.count])
  }

  private static func half(_ level: Int) -> Double { Double(level - 1) * (1 + epsilon) / 2 }
  private static func offset(_ level: Int) -> Double { level % 2 == 0 ? 0.5 : 0 }
  /// atanh(o/h).
  private static func shift(_ level: Int) -> Double {
    let ratio = offset(level) / half(level)
    return RepeatableMath.log((1 + ratio) / (1 - ratio)) / 2
  }

  /// The whole numbers that rows are rounded to, from −⌊L/2⌋, with the gradient of b.
  private func rounded(_ rows: Tensor) -> Tensor {
    let graph = rows.graph
    let bounded =
      tanh(rows + row(graph, Self.shift)) * row(graph, Self.half) - row(graph, Self.offset)
    return bounded + (round(bounded) - bounded).stopGradient()
  }

  /// The values that rows take: `[n, d]` in −1 … 1.
  public func quantized(_ rows: Tensor) -> Tensor {
    rounded(rows) * row(rows.graph) { 1 / Double($0 / 2) }
  }

  /// The numbers of the codes of rows: `[n]`.
  public func indices(of rows: Tensor) -> Tensor {
    let digits = round(rounded(rows)) + row(rows.graph) { Double($0 / 2) }
    return (digits * rows.graph.constant(places, [levels.count])).sumPerExample()
  }

  /// What a digit counts.
  private var places: [Float] {
    var place: Float = 1
    return levels.map { level in
      defer { place *= Float(level) }
      return place
    }
  }

  /// The values of every code, `[K, d]`.
  public var table: [Float] {
    (0..<size).flatMap { code -> [Float] in
      var rest = code
      return levels.map { level in
        defer { rest /= level }
        return Float(rest % level - level / 2) * Float(1 / Double(level / 2))
      }
    }
  }
}
