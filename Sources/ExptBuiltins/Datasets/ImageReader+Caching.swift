import ExptComponents
import ExptFiles
import ExptTensor

extension ImageReader {
  /// The pictures of a folder, from where they are kept if they are there, else read and kept; and notes
  /// on what went wrong with the keeping. Those that take more than `memory` stay there.
  func cached(
    _ folder: ImageFolder, _ shape: Shape, _ place: Images.Cache, _ streaming: Streaming,
    _ environment: DataEnvironment
  ) throws(DataProblem) -> (pictures: DecodedImages, notes: [String]) {
    let total = checkedProduct([folder.files.count, shape.count]) ?? .max
    let streaming = total > streaming.wholeLimit ? streaming : nil
    let cache = ImageCache(
      place, of: folder, shape, settings: settings, streaming: streaming, environment)
    if let found = cache?.find(environment) { return (found, []) }
    if folder.files.count >= ImageCache.leastCount {
      environment.report("decoding \(folder.files.count) pictures of \(folder.path)")
    }
    if let streaming {
      guard let cache else { throw placeless(folder, shape) }
      let decoding = ImageDecoding(self, folder, shape, environment)
      return (try cache.keep(decoding, streaming), [])
    }
    let pictures = try read(folder, shape, environment)
    guard let cache, pictures.areWorthKeeping else { return (pictures, []) }
    do throws(FileProblem) {
      try cache.keep(pictures)
      return (pictures, [])
    } catch {
      return (
        pictures,
        ["decoded pictures are not kept for the next run: \(error); 'cache: none' does not try"]
      )
    }
  }

  private func placeless(_ folder: ImageFolder, _ shape: Shape) -> DataProblem {
    DataProblem(
      .malformed,
      "\(folder.path): its \(folder.files.count) pictures of \(shape) need more memory than 'memory' allows, "
        + "and there is no cache to read them from; write 'cache: beside', or raise 'memory'",
      setting: "cache")
  }

  /// All that pixels depend on besides the files and the shape.
  private var settings: String {
    let middle = framing.centre.map { "\($0)" } ?? "all"
    return "\(channels.rawValue) \(middle) \(framing.fit.rawValue) \(framing.resize.rawValue) "
      + "\(framing.background)"
  }
}
