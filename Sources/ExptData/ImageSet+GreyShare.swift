public import ExptComponents

extension ImageSet {
  /// The share of pixels, 0 … 1, that are neither 0 nor 1, among some of the images. A Bernoulli
  /// likelihood is made for data where it is 0; MNIST's is 0.18.
  public func greyShare(in range: Range<Int>) -> Double {
    let values = places(of: range)
    guard !values.isEmpty else { return 0 }
    let grey: Int
    switch pixels {
    case .bytes(let bytes): grey = bytes[values].withUnsafeBufferPointer(Self.greyCount)
    case .floats(let floats): grey = floats[values].count { $0 != 0 && $0 != 1 }
    case .stored: return facts(in: range).greyShare
    }
    return Double(grey) / Double(values.count)
  }

  static func greyCount(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var count = 0
    var position = 0
    while position < bytes.count {
      // Counting 128 bytes in a byte lets the compiler use wide vectors.
      let end = min(position &+ 128, bytes.count)
      var part: UInt8 = 0
      while position < end {
        // 1 … 254 become 0 … 253; 0 becomes 255 and 255 becomes 254.
        part &+= (bytes[position] &- 1) < 254 ? 1 : 0
        position &+= 1
      }
      count &+= Int(part)
    }
    return count
  }
}
