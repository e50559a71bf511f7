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

  /// All images of a folder, decoded by the threads of the pool.
  func read(
    _ folder: ImageFolder, _ shape: Shape, pool: ThreadPool?
  ) throws(DataProblem) -> ImageSet {
    let files = folder.files
    let size = shape.count
    let first = files[0].path
    // The problem of the first file that has one, whoever comes upon it first.
    let problem = Mutex<(index: Int, problem: DataProblem)?>(nil)
    let bytes = [UInt8](unsafeUninitializedCapacity: files.count * size) { target, filled in
      target.initialize(repeating: 0)
      nonisolated(unsafe) let target = target  // each task writes its own image
      ThreadPool.run(files.count, on: pool) { index in
        do throws(DataProblem) {
          let image = try prepared(files[index].path, as: (shape, first))
          for (place, value) in image.planes.enumerated() { target[index * size + place] = value }
        } catch {
          problem.withLock { known in
            if known.map({ index < $0.index }) ?? true { known = (index, error) }
          }
        }
      }
      filled = files.count * size
    }
    if let problem = problem.withLock({ $0 }) { throw problem.problem }
    let labels = files.compactMap(\.label)
    return ImageSet(
      shape: shape, count: files.count, pixels: .bytes(bytes),
      labels: labels.isEmpty ? nil : labels)
  }

  /// An image in the channels and the size that the settings ask for.
  ///
  /// - Parameter expected: The shape it must have, and the file that set it.
  func prepared(
    _ path: String, as expected: (shape: Shape, file: String)?
  ) throws(DataProblem) -> (shape: Shape, planes: [UInt8]) {
    var image = try DataProblem.translating { () throws(FileProblem) in try Image8.read(path) }
    switch channels {
    case .asFirst: break
    case .grey: image = image.grey
    case .rgb: image = image.colour
    }
    let shape: Shape = [image.channels, size ?? image.height, size ?? image.width]
    if let expected, shape != expected.shape {
      throw DataProblem(
        .malformed,
        "\(path): is \(shape), and \(expected.file) is \(expected.shape) "
          + "(channels×height×width); \(remedy(shape, expected.shape))")
    }
    return (shape, resized(image))
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
