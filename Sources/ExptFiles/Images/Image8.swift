/// A grey or colour image with 8 bits a sample.
public struct Image8: Sendable, Hashable {
  public let width: Int
  public let height: Int
  /// 1 (grey) or 3 (red, green, blue).
  public let channels: Int
  /// Shape [height, width, channels]: rows from the top, the channels of a pixel side by side.
  public var samples: [UInt8]

  public init(width: Int, height: Int, channels: Int, samples: [UInt8]) {
    precondition(channels == 1 || channels == 3, "an image has 1 or 3 channels, not \(channels)")
    precondition(
      width >= 0 && height >= 0 && checkedProduct([width, height, channels]) == samples.count,
      "\(samples.count) samples do not make an image of shape [\(height), \(width), \(channels)]")
    self.width = width
    self.height = height
    self.channels = channels
    self.samples = samples
  }

  /// From planes of shape [channels, height, width], the order of tensors.
  public init(width: Int, height: Int, planes: [[UInt8]]) {
    var samples = [UInt8](repeating: 0, count: width * height * planes.count)
    for (channel, plane) in planes.enumerated() {
      precondition(plane.count == width * height, "plane \(channel) is not \(height) × \(width)")
      for (place, value) in plane.enumerated() {
        samples[place * planes.count + channel] = value
      }
    }
    self.init(width: width, height: height, channels: planes.count, samples: samples)
  }

  /// The samples in shape [channels, height, width], the order of tensors.
  public var planar: [UInt8] {
    if channels == 1 { return samples }
    var planar: [UInt8] = []
    planar.reserveCapacity(samples.count)
    for channel in 0..<channels {
      for place in stride(from: channel, to: samples.count, by: channels) {
        planar.append(samples[place])
      }
    }
    return planar
  }

  /// The image in one channel: itself, or the luma of ITU-R BT.601, rounded.
  public var grey: Image8 {
    if channels == 1 { return self }
    let values = stride(from: 0, to: samples.count, by: 3).map { place in
      let sum = 299 * Int(samples[place]) + 587 * Int(samples[place + 1])
      return UInt8((sum + 114 * Int(samples[place + 2]) + 500) / 1000)
    }
    return Image8(width: width, height: height, channels: 1, samples: values)
  }

  /// The image in three channels.
  public var colour: Image8 {
    if channels == 3 { return self }
    let values = [UInt8](unsafeUninitializedCapacity: samples.count * 3) { target, filled in
      for (place, value) in samples.enumerated() {
        for channel in 0..<3 { target.initializeElement(at: 3 * place + channel, to: value) }
      }
      filled = samples.count * 3
    }
    return Image8(width: width, height: height, channels: 3, samples: values)
  }

  /// Reads a JPEG, PNG, PGM or PPM file; its first bytes tell which.
  ///
  /// - Parameter limit: the largest number of pixels accepted; the default is 64 Mi.
  public static func read(_ path: String, limit: Int = 64 << 20) throws(FileProblem) -> Image8 {
    try parse(FileBytes.read(path, limit: 1 << 30), path: path, limit: limit)
  }

  public static func parse(
    _ bytes: [UInt8], path: String, limit: Int = 64 << 20
  ) throws(FileProblem) -> Image8 {
    try ImageReading(bytes, path: path, limit: limit).image
  }

  /// Writes a PGM file (grey) or a PPM file (colour).
  public func writePNM(to path: String) throws(FileProblem) {
    try AtomicFile.write(PNM.bytes(of: self), to: path)
  }

  /// The number of samples of an image whose header claims these sizes.
  static func checkedCount(
    width: Int, height: Int, channels: Int, limit: Int, path: String
  ) throws(FileProblem) -> Int {
    guard width > 0, height > 0 else {
      throw FileProblem(.malformed, "its header declares \(width) × \(height) pixels.", path: path)
    }
    guard let pixels = checkedProduct([width, height]), pixels <= limit,
      let samples = checkedProduct([pixels, channels])
    else {
      throw FileProblem(
        .tooLarge,
        "its header declares \(width) × \(height) pixels, and at most \(limit) are accepted here.",
        path: path)
    }
    return samples
  }
}
