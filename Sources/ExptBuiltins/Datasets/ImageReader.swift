import ExptComponents
import ExptData
import ExptFiles
import ExptTensor
import Synchronization

/// Reads image files and brings them to one shape.
struct ImageReader: Sendable {
  var channels: Images.Channels
  var size: Int?
  var method: Resizing.Method
  /// The grey that transparent pixels are drawn on.
  var background: UInt8

  /// Images of files, decoded by the threads of the pool, and what is to be said about the files.
  ///
  /// - Parameter first: The file that sets the shape.
  func read(
    _ files: [ImageFolder.File], _ shape: Shape, first: String, pool: ThreadPool?
  ) throws(DataProblem) -> (images: ImageSet, notes: [String]) {
    let size = shape.count
    guard let total = checkedProduct([files.count, size]), total <= Self.mostBytes else {
      throw DataProblem(
        .malformed,
        "\(FilePath.folder(of: first)): \(files.count) images of \(shape) are more than "
          + "\(Self.mostBytes >> 30) GiB; make them smaller with 'size', or take fewer with 'limit'"
      )
    }
    let findings = Mutex(ImageFindings())
    let bytes = [UInt8](unsafeUninitializedCapacity: total) { target, filled in
      target.initialize(repeating: 0)
      nonisolated(unsafe) let target = target  // each task writes its own image
      ThreadPool.run(files.count, on: pool) { index in
        do throws(DataProblem) {
          let image = try prepared(files[index].path, as: (shape, first))
          for (place, value) in image.planes.enumerated() { target[index * size + place] = value }
          findings.withLock { $0.add(image.reading, at: index) }
        } catch {
          findings.withLock { $0.add(error, at: index) }
        }
      }
      filled = total
    }
    let found = findings.withLock { $0 }
    if let problem = found.problem { throw problem }
    let labels = files.compactMap(\.label)
    let set = ImageSet(
      shape: shape, count: files.count, pixels: .bytes(bytes),
      labels: labels.isEmpty ? nil : labels)
    return (set, found.notes(of: files, background: background))
  }

  /// The most that the images of a folder may take.
  private static let mostBytes = 64 << 30

  /// An image in the channels and the size that the settings ask for.
  ///
  /// - Parameter expected: The shape it must have, and the file that set it.
  func prepared(
    _ path: String, as expected: (shape: Shape, file: String)?
  ) throws(DataProblem) -> (shape: Shape, planes: [UInt8], reading: ImageReading) {
    let reading = try DataProblem.translating { () throws(FileProblem) in
      try ImageReading.read(path, background: background)
    }
    let image =
      switch channels {
      case .asFirst: reading.image
      case .grey: reading.image.grey
      case .rgb: reading.image.colour
      }
    let shape: Shape = [image.channels, size ?? image.height, size ?? image.width]
    if let expected, shape != expected.shape {
      throw DataProblem(
        .malformed,
        "\(path): is \(shape), and \(expected.file) is \(expected.shape) "
          + "(channels×height×width); \(remedy(shape, expected.shape))")
    }
    return (shape, resized(image), reading)
  }

  private func remedy(_ shape: Shape, _ expected: Shape) -> String {
    shape[0] == expected[0]
      ? "'size' makes them all one size" : "'channels: grey' or 'channels: rgb' makes them alike"
  }

  private func resized(_ image: Image8) -> [UInt8] {
    let planar = image.planar
    guard let size, size != image.height || size != image.width else { return planar }
    let count = image.height * image.width
    return (0..<image.channels).flatMap { channel in
      Resizing.resize(
        Array(planar[channel * count..<(channel + 1) * count]),
        from: (image.height, image.width), to: (size, size), method)
    }
  }
}
