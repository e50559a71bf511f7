public import ExptComponents
internal import ExptFiles

extension ImageSet {
  /// A short text that differs where images or labels do: count, shape, and XXH64 of the values and
  /// then the labels, as they lie in memory (little-endian).
  ///
  ///     60000×1×28×28-d24ec4f1a98c6e5b
  ///
  /// For noticing that a run and a dataset do not belong together, not against forgery.
  ///
  /// - Complexity: One pass; MNIST's 47 MB take some eight milliseconds.
  public var fingerprint: String {
    var digest = XXH64()
    switch pixels {
    case .bytes(let bytes): bytes.withUnsafeBytes { digest.update($0) }
    case .floats(let floats): floats.withUnsafeBytes { digest.update($0) }
    }
    labels?.withUnsafeBytes { digest.update($0) }
    return "\(shape.batched(count))-\(digest.hex)"
  }
}
