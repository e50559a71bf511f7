import ExptComponents
import ExptFiles
import ExptTensor

extension ImageReader {
  /// The pictures of a folder, from where they are kept if they are there, else read and kept; and notes
  /// on what went wrong with the keeping.
  func cached(
    _ folder: ImageFolder, _ shape: Shape, _ place: Images.Cache, _ environment: DataEnvironment
  ) throws(DataProblem) -> (pictures: DecodedImages, notes: [String]) {
    let cache = ImageCache(place, of: folder, shape, settings: settings, environment)
    if let found = cache?.find(environment) { return (found, []) }
    if folder.files.count >= ImageCache.leastCount {
      environment.report("decoding \(folder.files.count) pictures of \(folder.path)")
    }
    let pictures = try read(folder, shape, environment)
    guard let cache, pictures.isWorthKeeping else { return (pictures, []) }
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

  /// All that pixels depend on besides the files and the shape.
  private var settings: String {
    let middle = framing.centre.map { "\($0)" } ?? "all"
    return "\(channels.rawValue) \(middle) \(framing.fit.rawValue) \(framing.resize.rawValue) "
      + "\(framing.background)"
  }
}

extension DecodedImages {
  /// Not where nothing comes of them, or where reading a file failed, which may go better next time.
  fileprivate var isWorthKeeping: Bool {
    findings.others.isEmpty && findings.unreadable.allSatisfy { $0.problem.isDamage }
  }
}
