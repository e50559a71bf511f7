internal import CTurboJPEG

/// JPEG images, decoded by the system's libturbojpeg: baseline and progressive, grey, YCbCr or RGB, of
/// 8 bits, turned as their EXIF orientation says. Colour profiles are ignored. The only file that
/// imports `CTurboJPEG`.
///
/// The library's integer DCT and smooth upsampling give the same bytes on every instruction set.
///
/// Source: ITU-T T.81 (1992); libjpeg-turbo's `turbojpeg.h`.
public enum JPEG {
  public static func isJPEG(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0xff, 0xd8, 0xff]) }

  /// Whether JPEG images can be read on this machine.
  public static var isSupported: Bool { tj_is_there() != 0 }

  /// What to install where they cannot.
  public static let advice =
    "this is a JPEG image, and there is no libturbojpeg (2.0 or later) to read it; install it "
    + "(Debian: libturbojpeg0, Ubuntu: libturbojpeg, Fedora: turbojpeg, Homebrew: jpeg-turbo), or "
    + "let EXPT_TURBOJPEG name its file."

  /// Damaged pixels, and missing ones, are refused; a missing end mark and bytes in front of it are not.
  static func read(_ bytes: [UInt8], path: String, limit: Int) throws(FileProblem) -> ImageReading {
    guard isJPEG(bytes) else {
      throw FileProblem(.malformed, "this is not a JPEG image.", path: path, offset: 0)
    }
    let header = try JPEGHeader(bytes, path: path)
    let count = try Image8.checkedCount(
      width: header.width, height: header.height, channels: header.channels, limit: limit,
      path: path)
    // Each block of 8 × 8 pixels takes a bit or more, and colour has a quarter as many of them at least.
    guard header.width / 32 * (header.height / 32) / 8 <= bytes.count else {
      throw FileProblem(
        .truncated, "its header declares more pixels than \(bytes.count) bytes can hold.",
        path: path)
    }
    guard isSupported else { throw FileProblem(.unsupported, advice, path: path) }
    guard Memory.has(count) else {
      throw FileProblem(.tooLarge, "there is not enough memory for its pixels.", path: path)
    }
    let (samples, oddity) = try decode(bytes, header, count, path: path)
    let image = Image8(
      width: header.width, height: header.height, channels: header.channels, samples: samples)
    return ImageReading(
      image: image.turned(header.orientation), oddities: oddity.map { [$0] } ?? [])
  }

  private static func decode(
    _ bytes: [UInt8], _ header: JPEGHeader, _ count: Int, path: String
  ) throws(FileProblem) -> (samples: [UInt8], oddity: String?) {
    let isEnded = hasEnd(bytes, from: header.scan)
    // Whether only the end mark is missing shows when one is put there: then no pixel is.
    if !isEnded, header.isProgressive { throw truncated(path) }
    let (samples, result, words) = call(isEnded ? bytes : bytes + [0xff, 0xd9], header, count)
    switch result {
    case TJ_DONE: return (samples, isEnded ? nil : "its end is missing")
    case TJ_WARNED where !isEnded: throw truncated(path)
    case TJ_WARNED where words.hasSuffix("extraneous bytes before marker 0xd9"):
      return (samples, "more bytes follow its pixels")
    case TJ_WARNED:
      throw FileProblem(.malformed, "its pixels are damaged (\(words)).", path: path)
    default:
      throw FileProblem(.malformed, "it cannot be decoded (\(words)).", path: path)
    }
  }

  private static func call(
    _ bytes: [UInt8], _ header: JPEGHeader, _ count: Int
  ) -> (samples: [UInt8], result: tj_result, words: String) {
    var words = [CChar](repeating: 0, count: 256)
    var result = TJ_FAILED
    let samples = [UInt8](unsafeUninitializedCapacity: count) { pixels, filled in
      pixels.initialize(repeating: 0)
      filled = count
      result = bytes.withUnsafeBufferPointer { bytes in
        tj_decode(
          bytes.baseAddress, UInt(bytes.count), Int32(header.width), Int32(header.height),
          Int32(header.channels), pixels.baseAddress, &words, words.count)
      }
    }
    let text = words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return (samples, result, String(decoding: text, as: UTF8.self))
  }

  /// Whether an end mark stands behind the pixels; among them 0xff is never followed by 0xd9.
  private static func hasEnd(_ bytes: [UInt8], from scan: Int) -> Bool {
    var place = bytes.count - 1
    while place > scan {
      if bytes[place] == 0xd9, bytes[place - 1] == 0xff { return true }
      place -= 1
    }
    return false
  }

  private static func truncated(_ path: String) -> FileProblem {
    FileProblem(.truncated, "it ends before its last pixels; get the file again.", path: path)
  }
}
