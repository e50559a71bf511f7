import Synchronization

/// The pixels of images that are read when they are needed, and what is known about them.
///
/// What is read where nothing can be thrown is black if it cannot be read, and `problem` then says why:
/// training looks at it after each batch, and commands before they tell a result.
public final class StoredPixels: Sendable {
  public let source: any PixelSource
  /// Bytes that may be in memory of these images at a time.
  public let memory: Int
  /// The images of a block; nil: see `PixelWindows`.
  public let block: Int?
  private let failure: Failure
  private let known = Mutex<[PixelFacts]>([])

  public convenience init(_ source: any PixelSource, memory: Int, block: Int? = nil) {
    self.init(source, memory: memory, block: block, failure: Failure())
  }

  private init(_ source: any PixelSource, memory: Int, block: Int?, failure: Failure) {
    (self.source, self.memory, self.block, self.failure) = (source, memory, block, failure)
  }

  /// Images that are made of these: they share what went wrong.
  public func with(_ source: any PixelSource) -> StoredPixels {
    StoredPixels(source, memory: memory, block: block, failure: failure)
  }

  public var windows: PixelWindows {
    PixelWindows(memory: memory, block: block, imageBytes: source.imageBytes)
  }

  /// The first thing that went wrong in reading; nil if nothing has.
  public var problem: DataProblem? { failure.first.withLock { $0 } }

  /// Reads some images; zeros where that fails.
  public func read(_ images: Range<Int>, into target: UnsafeMutableRawBufferPointer) {
    do throws(DataProblem) { try source.read(images, into: target) } catch {
      failure.first.withLock { $0 = $0 ?? error }
      target.initializeMemory(as: UInt8.self, repeating: 0)
    }
  }

  /// The values of some images as numbers, bytes as 0 … 1.
  public func floats(_ images: Range<Int>) -> [Float] {
    guard source.holdsBytes else { return array(images) }
    return (array(images) as [UInt8]).map { Float($0) / 255 }
  }

  /// Some images in memory.
  public func pixels(_ images: Range<Int>) -> ImageSet.Pixels {
    source.holdsBytes ? .bytes(array(images)) : .floats(array(images))
  }

  private func array<Value: BitwiseCopyable>(_ images: Range<Int>) -> [Value] {
    let count = images.count * source.size
    return [Value](unsafeUninitializedCapacity: count) { target, filled in
      read(images, into: UnsafeMutableRawBufferPointer(target))
      filled = count
    }
  }

  /// The facts about some images, found by `make` if they are not known yet: that takes a pass over them.
  ///
  /// - Parameter isThreshold: Whether their mean is to be that of thresholded images; nil: it does not matter.
  public func facts(
    about images: Range<Int>, isThreshold: Bool?, _ make: () -> PixelFacts
  ) -> PixelFacts {
    let found = known.withLock { known in
      known.first { $0.range == images && (isThreshold ?? $0.isThreshold) == $0.isThreshold }
    }
    if let found { return found }
    let facts = make()
    known.withLock { $0.append(facts) }
    return facts
  }

  /// The facts about any of the images that are known already: what holds for all of them.
  public var someFacts: PixelFacts? { known.withLock { $0.first } }

  private final class Failure: Sendable {
    let first = Mutex<DataProblem?>(nil)
  }
}

/// What a pass over stored images finds.
public struct PixelFacts: Sendable {
  // Of all images.
  /// From where to where the values go; bytes are taken to go from 0 to 1.
  public var least: Float
  public var greatest: Float
  public var isFinite: Bool
  /// XXH64 of the values, and with the labels behind them.
  public var digests: (images: String, withLabels: String)

  // Of the images of a range.
  public var range: Range<Int>
  /// Whether the mean is that of thresholded images.
  public var isThreshold: Bool
  /// Of each value.
  public var mean: [Float]
  /// Of each value.
  public var variance: [Float]
  /// The shares of values that are neither 0 nor 1, and that are 0.
  public var greyShare: Double
  public var zeroShare: Double

  public init(
    least: Float, greatest: Float, isFinite: Bool, digests: (images: String, withLabels: String),
    range: Range<Int>, isThreshold: Bool, mean: [Float], variance: [Float], greyShare: Double,
    zeroShare: Double
  ) {
    (self.least, self.greatest, self.isFinite) = (least, greatest, isFinite)
    self.digests = digests
    (self.range, self.isThreshold) = (range, isThreshold)
    (self.mean, self.variance) = (mean, variance)
    (self.greyShare, self.zeroShare) = (greyShare, zeroShare)
  }
}
