/// The sizes of a tensor's axes, outermost first. Tensors are contiguous in this order.
///
///     let images: Shape = [128, 1, 28, 28]
///     images.count    // 100352
///     images.rank     // 4
public struct Shape: Sendable, Hashable {
  public let dimensions: [Int]

  public init(_ dimensions: [Int]) {
    precondition(dimensions.allSatisfy { $0 >= 0 }, "negative size in shape \(dimensions)")
    self.dimensions = dimensions
  }

  /// The number of elements; 1 for a scalar.
  public var count: Int { dimensions.reduce(1, *) }
  public var rank: Int { dimensions.count }
  public subscript(axis: Int) -> Int { dimensions[axis] }

  /// The product of the sizes from an axis on: `count(from: 1)` is the size of one example.
  public func count(from axis: Int) -> Int {
    var count = 1
    for index in axis..<max(axis, dimensions.count) { count *= dimensions[index] }
    return count
  }

  /// The shape of one example: this shape without its first axis, the batch.
  public var withoutBatch: Shape { Shape(Array(dimensions.dropFirst())) }

  /// This shape as one of a batch of `size`.
  public func batched(_ size: Int) -> Shape { Shape([size] + dimensions) }

  public static let scalar = Shape([])
}

extension Shape: ExpressibleByArrayLiteral {
  public init(arrayLiteral dimensions: Int...) { self.init(dimensions) }
}

extension Shape: CustomStringConvertible {
  /// `128×784`; a scalar reads `scalar`.
  public var description: String {
    dimensions.isEmpty ? "scalar" : dimensions.map(String.init).joined(separator: "×")
  }
}
