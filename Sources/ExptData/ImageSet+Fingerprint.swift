public import ExptComponents
internal import ExptFiles

extension ImageSet {
  /// A short text that differs where images do: count, shape, and XXH64 of the values as they lie in memory
  /// (little-endian). Labels do not enter: data with and without them are the same images. Which values are
  /// observed does, where some are not.
  ///
  ///     60000×1×28×28-5b0d6a3f1c2e4a97
  ///
  /// For noticing that a run and a dataset do not belong together, not against forgery.
  ///
  /// - Complexity: One pass; MNIST's 47 MB take some eight milliseconds.
  public var fingerprint: String { fingerprints.images }

  /// The fingerprint, and the one with the labels behind the values that `DataEdition.first` took.
  public var fingerprints: (images: String, withLabels: String) {
    var digest = XXH64()
    switch pixels {
    case .bytes(let bytes): bytes.withUnsafeBytes { digest.update($0) }
    case .floats(let floats): floats.withUnsafeBytes { digest.update($0) }
    case .stored(let stored):
      let digests = (stored.someFacts ?? facts(in: 0..<count)).digests
      let lead = "\(shape.batched(count))-"
      return (lead + digests.images, lead + digests.withLabels)
    }
    observed?.withUnsafeBytes { digest.update($0) }
    var labelled = digest
    labels?.withUnsafeBytes { labelled.update($0) }
    let lead = "\(shape.batched(count))-"
    return (lead + digest.hex, lead + labelled.hex)
  }

  /// The fingerprint as an edition takes it.
  public func fingerprint(_ edition: DataEdition) -> String {
    edition == .first ? fingerprints.withLabels : fingerprint
  }
}
