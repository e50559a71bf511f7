import ExptComponents
import ExptFiles
import ExptTensor
import Synchronization

/// The pictures of a folder while they are decoded, all at once or a piece after another, and what is found
/// meanwhile.
final class ImageDecoding: Sendable {
  private let reader: ImageReader
  let folder: ImageFolder
  let shape: Shape
  private let environment: DataEnvironment
  private let found: Mutex<Found>

  init(
    _ reader: ImageReader, _ folder: ImageFolder, _ shape: Shape, _ environment: DataEnvironment
  ) {
    (self.reader, self.folder, self.shape, self.environment) = (reader, folder, shape, environment)
    found = Mutex(Found(count: folder.files.count))
  }

  /// Some pictures, [files, channels, height, width]; one that cannot be read, or has another shape, is black
  /// and among the findings.
  ///
  /// - Throws: `stopped` if the user asked to stop.
  func decode(_ files: Range<Int>) throws(DataProblem) -> [UInt8] {
    let size = shape.count
    let bytes = [UInt8](unsafeUninitializedCapacity: files.count * size) { target, filled in
      target.initialize(repeating: 0)
      nonisolated(unsafe) let target = target  // each task writes its own image
      ThreadPool.run(files.count, on: environment.pool) { place in
        guard !environment.isStopped() else { return }
        let own = UnsafeMutableBufferPointer(
          rebasing: target[place * size..<(place + 1) * size])
        decode(files.lowerBound + place, into: own)
      }
      filled = files.count * size
    }
    if environment.isStopped() {
      throw DataProblem(.stopped, "stopped while reading pictures; nothing was trained")
    }
    return bytes
  }

  private func decode(_ index: Int, into target: UnsafeMutableBufferPointer<UInt8>) {
    let path = folder.files[index].path
    do throws(FileProblem) {
      let bytes = try FileBytes.read(path, limit: 1 << 30)
      found.withLock { $0.digests[index] = XXH64.number(of: bytes) }
      let image = try reader.prepared(bytes, path: path)
      if image.shape == shape {
        _ = target.update(fromContentsOf: image.planes)
      } else {
        found.withLock { $0.findings.add(image.shape, at: index) }
      }
      found.withLock { $0.findings.add(image.reading, at: index) }
    } catch {
      found.withLock { $0.findings.add(error, at: index) }
    }
    found.withLock { $0.advance(environment) }
  }

  /// The decoded pictures.
  ///
  /// - Parameter pixels: Those of all files.
  func pictures(_ pixels: ImageSet.Pixels) -> DecodedImages {
    var found = found.withLock { $0 }
    found.findings.sort()
    return DecodedImages(
      folder: folder, shape: shape, pixels: pixels, findings: found.findings,
      digests: found.digests)
  }

  /// What the threads have found and done so far.
  private struct Found {
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
}
