extension String {
  /// The text with what is unsafe to print written out, such as `\u{1B}`; line breaks stay.
  var printable: String {
    func isPlain(_ scalar: Unicode.Scalar) -> Bool { !scalar.isUnsafeToPrint || scalar == "\n" }
    guard !unicodeScalars.allSatisfy(isPlain) else { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      text +=
        isPlain(scalar)
        ? String(scalar) : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    }
  }
}

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
