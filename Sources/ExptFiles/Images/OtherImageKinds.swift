/// Kinds of pictures that are not read, known by their first bytes, so that a message can name them.
enum OtherImageKinds {
  /// `WebP`, for a sentence; nil if the bytes are of no kind that is known here.
  static func name(_ bytes: [UInt8]) -> String? {
    func has(_ text: String, at place: Int = 0) -> Bool {
      bytes.dropFirst(place).starts(with: text.utf8)
    }
    if has("RIFF"), has("WEBP", at: 8) { return "WebP" }
    if has("ftypavif", at: 4) || has("ftypavis", at: 4) { return "AVIF" }
    if has("ftyphei", at: 4) || has("ftyphev", at: 4) || has("ftypmif1", at: 4) { return "HEIC" }
    if has("GIF8") { return "GIF" }
    if has("BM"), bytes.count > 14, bytes[6..<10].allSatisfy({ $0 == 0 }) { return "BMP" }
    if bytes.starts(with: [0x49, 0x49, 0x2a, 0]) || bytes.starts(with: [0x4d, 0x4d, 0, 0x2a]) {
      return "TIFF"
    }
    if bytes.starts(with: [0xff, 0x0a]) || has("JXL ", at: 4) { return "JPEG XL" }
    if has("jP  ", at: 4) || bytes.starts(with: [0xff, 0x4f, 0xff, 0x51]) { return "JPEG 2000" }
    return nil
  }
}
