import ExptComponents
import ExptData
import ExptFiles
import ExptTensor

/// Reads image files and brings them to one shape.
struct ImageReader: Sendable {
  var channels: Images.Channels
  var framing: ImageFraming

  /// The shape that the settings ask for; where they leave something open, that of the first picture that
  /// can be read.
  func shape(of files: [ImageFolder.File]) throws(DataProblem) -> Shape {
    if let size = framing.size ?? framing.centre, channels != .asFirst {
      return [channels == .grey ? 1 : 3, size.height, size.width]
    }
    var first: FileProblem?
    for file in files {
      do throws(FileProblem) {
        return try prepared(FileBytes.read(file.path, limit: 1 << 30), path: file.path).shape
      } catch {
        first = first ?? error
      }
    }
    throw first.map { DataProblem($0) } ?? DataProblem(.malformed, "there are no pictures")
  }

  /// All pictures of a folder, in memory.
  ///
  /// - Throws: `malformed` if they do not fit into memory, `stopped` if the user asked to stop.
  func read(
    _ folder: ImageFolder, _ shape: Shape, _ environment: DataEnvironment
  ) throws(DataProblem) -> DecodedImages {
    let count = folder.files.count
    guard let total = checkedProduct([count, shape.count]), total <= Self.mostBytes,
      Memory.has(total)
    else {
      throw DataProblem(
        .malformed,
        "\(folder.path): there is not enough memory for \(count) images of \(shape); make them "
          + "smaller with 'size', or read them in blocks with less 'memory'", setting: "size")
    }
    let decoding = ImageDecoding(self, folder, shape, environment)
    let bytes = try decoding.decode(0..<count)
    return decoding.pictures(.bytes(bytes))
  }

  /// The most that the images of a folder may take.
  private static let mostBytes = 64 << 30

  /// A picture in the channels and the size that the settings ask for.
  func prepared(
    _ bytes: [UInt8], path: String
  ) throws(FileProblem) -> (shape: Shape, planes: [UInt8], reading: ImageReading) {
    let reading = try ImageReading(bytes, path: path, background: framing.background)
    let image =
      switch channels {
      case .asFirst: reading.image
      case .grey: reading.image.grey
      case .rgb: reading.image.colour
      }
    let (shape, planes) = try framing.planes(image, path: path)
    return (shape, planes, reading)
  }
}

extension XXH64 {
  static func number(of bytes: [UInt8]) -> UInt64 {
    var digest = XXH64()
    digest.update(bytes)
    return digest.number
  }

  var number: UInt64 { finish().reduce(0) { $0 << 8 | UInt64($1) } }
}
