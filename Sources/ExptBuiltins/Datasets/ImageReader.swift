import ExptComponents
import ExptData
import ExptFiles
import ExptTensor
import Synchronization

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

  /// All pictures of a folder; one that cannot be read, or has another shape, is black and among the
  /// findings.
  ///
  /// - Throws: `malformed` if they do not fit into memory, `stopped` if the user asked to stop.
  func read(
    _ folder: ImageFolder, _ shape: Shape, _ environment: DataEnvironment
  ) throws(DataProblem) -> DecodedImages {
    let (files, size) = (folder.files, shape.count)
    guard let total = checkedProduct([files.count, size]), total <= Self.mostBytes,
      Memory.has(total)
    else {
      throw DataProblem(
        .malformed,
        "\(folder.path): there is not enough memory for \(files.count) images of \(shape); make them "
          + "smaller with 'size'", setting: "size")
    }
    let state = Mutex(Reading(count: files.count))
    let bytes = [UInt8](unsafeUninitializedCapacity: total) { target, filled in
      target.initialize(repeating: 0)
      nonisolated(unsafe) let target = target  // each task writes its own image
      ThreadPool.run(files.count, on: environment.pool) { index in
        guard !environment.isStopped() else { return }
        do throws(FileProblem) {
          let bytes = try FileBytes.read(files[index].path, limit: 1 << 30)
          state.withLock { $0.digests[index] = XXH64.number(of: bytes) }
          let image = try prepared(bytes, path: files[index].path)
          if image.shape == shape {
            let own = UnsafeMutableBufferPointer(
              rebasing: target[index * size..<(index + 1) * size])
            _ = own.update(fromContentsOf: image.planes)
          } else {
            state.withLock { $0.findings.add(image.shape, at: index) }
          }
          state.withLock { $0.findings.add(image.reading, at: index) }
        } catch {
          state.withLock { $0.findings.add(error, at: index) }
        }
        state.withLock { $0.advance(environment) }
      }
      filled = total
    }
    if environment.isStopped() {
      throw DataProblem(.stopped, "stopped while reading pictures; nothing was trained")
    }
    var found = state.withLock { $0 }
    found.findings.sort()
    return DecodedImages(
      folder: folder, shape: shape, bytes: bytes, findings: found.findings, digests: found.digests)
  }

  /// What the threads have found and done so far.
  private struct Reading {
    var findings = ImageFindings()
    var digests: [UInt64]
    private var done = 0

    init(count: Int) { digests = [UInt64](repeating: 0, count: count) }

    /// Tells at most once a percent.
    mutating func advance(_ environment: DataEnvironment) {
      done += 1
      let total = digests.count
      guard done * 100 / total > (done - 1) * 100 / total else { return }
      environment.progress(DataProgress(done, of: total, "pictures decoded"))
    }
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
    return digest.finish().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
