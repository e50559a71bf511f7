internal import CKernels

/// How the values of images are shown to a model.
public enum PixelPresentation: Sendable, Hashable {
  /// A byte v as v / 255, rounded once; a number as it is.
  case grey
  /// 1 above one half (a byte from 128 on), else 0.
  case threshold
  /// 1 with the pixel's value as probability, else 0, drawn from the seed, the number of the draw
  /// (below 2³²; a new one every epoch) and the number of the image: never from the batch it is in.
  case stochastic(seed: UInt64, draw: Int)
}

/// Copies images out of a dataset into a batch.
///
/// Shapes: `images` [any, pixels], `numbers` [batch] counting them from 0, `output` at least
/// [batch, pixels].
public enum GatherImages {
  static let stream = Random.stream("data/binarization")

  /// Images of bytes.
  public static func copy(
    _ numbers: ArraySlice<Int>, of images: [UInt8], pixels: Int, as presentation: PixelPresentation,
    into output: UnsafeMutableBufferPointer<Float>, pool: ThreadPool?
  ) {
    images.withUnsafeBufferPointer {
      copy(numbers, of: $0, pixels: pixels, as: presentation, into: output, pool: pool)
    }
  }

  /// Images of numbers.
  public static func copy(
    _ numbers: ArraySlice<Int>, of images: [Float], pixels: Int, as presentation: PixelPresentation,
    into output: UnsafeMutableBufferPointer<Float>, pool: ThreadPool?
  ) {
    images.withUnsafeBufferPointer {
      copy(numbers, of: $0, pixels: pixels, as: presentation, into: output, pool: pool)
    }
  }

  /// Images of bytes in a part of memory.
  ///
  /// - Parameter shift: How far an image's number in the dataset, which its draws go by, lies behind its
  ///   number here.
  public static func copy(
    _ numbers: ArraySlice<Int>, of images: UnsafeBufferPointer<UInt8>, pixels: Int,
    as presentation: PixelPresentation, shift: Int = 0,
    into output: UnsafeMutableBufferPointer<Float>, pool: ThreadPool?
  ) {
    check(numbers, images.count, pixels, output.count)
    guard let target = output.baseAddress, let source = images.baseAddress else { return }
    numbers.withUnsafeBufferPointer { numbers in
      guard let index = numbers.baseAddress else { return }
      let (count, handle) = (numbers.count, pool?.handle)
      switch presentation {
      case .grey: ck_gather_bytes(handle, count, pixels, source, index, 255, target)
      case .threshold:
        ck_gather_bytes_threshold(handle, count, pixels, source, index, 255, 0.5, target)
      case .stochastic(let seed, let draw):
        ck_gather_bytes_stochastic(
          handle, count, pixels, source, index, 255, seed, stream, position(draw, shift), target)
      }
    }
  }

  /// Images of numbers in a part of memory: `shift` as above.
  public static func copy(
    _ numbers: ArraySlice<Int>, of images: UnsafeBufferPointer<Float>, pixels: Int,
    as presentation: PixelPresentation, shift: Int = 0,
    into output: UnsafeMutableBufferPointer<Float>, pool: ThreadPool?
  ) {
    check(numbers, images.count, pixels, output.count)
    guard let target = output.baseAddress, let source = images.baseAddress else { return }
    numbers.withUnsafeBufferPointer { numbers in
      guard let index = numbers.baseAddress else { return }
      let (count, handle) = (numbers.count, pool?.handle)
      switch presentation {
      case .grey: ck_gather(handle, count, pixels, source, index, target)
      case .threshold: ck_gather_threshold(handle, count, pixels, source, index, 0.5, target)
      case .stochastic(let seed, let draw):
        ck_gather_stochastic(
          handle, count, pixels, source, index, seed, stream, position(draw, shift), target)
      }
    }
  }

  private static func position(_ draw: Int, _ shift: Int) -> UInt64 {
    UInt64(draw) << 32 &+ UInt64(bitPattern: Int64(shift))
  }

  private static func check(_ numbers: ArraySlice<Int>, _ values: Int, _ pixels: Int, _ room: Int) {
    precondition(
      numbers.count * pixels <= room,
      "\(numbers.count) images of \(pixels) pixels do not fit into \(room) numbers")
    let count = pixels == 0 ? 0 : values / pixels
    for number in numbers {
      precondition(number >= 0 && number < count, "image \(number) is not among \(count) images")
    }
  }
}
