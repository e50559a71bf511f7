extension Unicode.Scalar {
  /// Whether it could steer a terminal, or make one text look like another: control characters,
  /// line separators and the marks that reorder text.
  public var isUnsafeToPrint: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }
}
