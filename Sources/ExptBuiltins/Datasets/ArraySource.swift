import ExptComponents
import ExptFiles
import ExptTensor

/// The images of a `.npy` file that is too large for memory.
struct ArraySource: PixelSource {
  private let file: NPYFile
  private let meaning: PixelMeaning
  private let image: Shape
  private let isChannelsLast: Bool

  init(_ file: NPYFile, _ meaning: PixelMeaning, image: Shape, isChannelsLast: Bool) {
    (self.file, self.meaning, self.image) = (file, meaning, image)
    self.isChannelsLast = isChannelsLast && image[0] > 1
  }

  var count: Int { file.shape[0] }
  var size: Int { image.count }
  var holdsBytes: Bool { meaning.holdsBytes }
  var isInMemory: Bool { false }

  func read(
    _ images: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws(DataProblem) {
    do throws(FileProblem) {
      if isAsInMemory { return try file.read(rows: images, into: target) }
    } catch { throw DataProblem(error) }
    let step = max(1, (1 << 20) / max(1, file.rowSize * file.type.size))
    for start in stride(from: images.lowerBound, to: images.upperBound, by: step) {
      let rows = start..<min(start + step, images.upperBound)
      let array = try DataProblem.translating { () throws(FileProblem) in try file.rows(rows) }
      var pixels = try meaning.pixels(array, title: file.path, first: start)
      if isChannelsLast { pixels = pixels.channelsFirst(image) }
      let place = (start - images.lowerBound) * imageBytes
      let part = UnsafeMutableRawBufferPointer(
        rebasing: target[place..<place + rows.count * imageBytes])
      switch pixels {
      case .bytes(let bytes): bytes.withUnsafeBytes(part.copyMemory)
      case .floats(let floats): floats.withUnsafeBytes(part.copyMemory)
      case .stored: break
      }
    }
  }

  /// Whether the file holds pixels as they lie in memory.
  private var isAsInMemory: Bool {
    !isChannelsLast
      && (meaning == .levels && file.type == .u8 || meaning == .numbers && file.type == .f32)
  }
}

extension ArrayReading {
  /// The images of a `.npy` file, in memory or, where they are too many for that, in the file.
  func images(
    ofFile path: String, _ streaming: Streaming, _ pixels: inout ArrayPixels
  ) throws(DataProblem) -> ImageSet {
    let size = try DataProblem.translating { () throws(FileProblem) in
      try FileBytes.size(of: path)
    }
    guard size > streaming.wholeLimit else {
      let array = try DataProblem.translating { () throws(FileProblem) in
        try NPYArray.read(path, limit: streaming.wholeLimit)
      }
      return try images(array, title: path, pixels: pixels.pixels(array, title: path))
    }
    let file = try DataProblem.translating { () throws(FileProblem) in try NPYFile(path) }
    let (image, layout) = try form(of: file.shape, title: path)
    let source = ArraySource(
      file, try pixels.meaning(of: file), image: image, isChannelsLast: layout == .channelsLast)
    let stored = streaming.stored(source)
    pixels.note(stored, title: path)
    var set = ImageSet(
      shape: image, count: source.count, pixels: .stored(stored), source: path)
    set.isTable = layout == .flat
    return set
  }
}
