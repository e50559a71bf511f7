public import ExptComponents

/// From where to where the values of images go.
public struct Extent: Sendable, Hashable {
  public var least: Float
  public var greatest: Float
  /// Whether every value is a number; else the limits mean nothing.
  public var isFinite: Bool
}

extension Extent {
  init(_ facts: PixelFacts) {
    self.init(least: facts.least, greatest: facts.greatest, isFinite: facts.isFinite)
  }
}

extension ImageSet {
  /// From where to where the values go, as a model sees them: bytes are taken to go from 0 to 1,
  /// without looking. Nil without values.
  ///
  /// - Complexity: One pass over floats, sixteen at a time: some 20 ms for 47 million.
  public var extent: Extent? {
    switch pixels {
    case .bytes(let bytes):
      bytes.isEmpty ? nil : Extent(least: 0, greatest: 1, isFinite: true)
    case .floats(let floats):
      floats.isEmpty ? nil : floats.withUnsafeBytes(Self.extent)
    case .stored(let stored):
      count == 0
        ? nil
        : stored.source.holdsBytes
          ? Extent(least: 0, greatest: 1, isFinite: true)
          : Extent(stored.someFacts ?? facts(in: 0..<count))
    }
  }

  static func extent(_ values: UnsafeRawBufferPointer) -> Extent {
    typealias Lanes = SIMD16<Float>
    let first = values.loadUnaligned(as: Float.self)
    var least = Lanes(repeating: first)
    var greatest = least
    var strange = Lanes.zero  // NaN where a value times 0 is not 0
    let size = MemoryLayout<Lanes>.size
    let whole = values.count / size * size
    for place in stride(from: 0, to: whole, by: size) {
      let lanes = values.loadUnaligned(fromByteOffset: place, as: Lanes.self)
      least.replace(with: lanes, where: lanes .< least)
      greatest.replace(with: lanes, where: lanes .> greatest)
      strange += lanes * 0
    }
    for place in stride(from: whole, to: values.count, by: MemoryLayout<Float>.size) {
      let value = values.loadUnaligned(fromByteOffset: place, as: Float.self)
      least[0] = value < least[0] ? value : least[0]
      greatest[0] = value > greatest[0] ? value : greatest[0]
      strange[0] += value * 0
    }
    return Extent(
      least: least.min(), greatest: greatest.max(), isFinite: strange.sum() == 0)
  }

  /// The first value that fails a test, and where it is: `x.npy: image 12 holds 1.5 at channel 0,
  /// row 3, column 4`; nil if all pass. Images are counted, and looked at, as in the user's file.
  ///
  /// - Parameter values: Only these of each image; nil: all.
  public func firstValue(
    among values: Range<Int>? = nil, where fails: (Float) -> Bool
  ) -> String? {
    let size = shape.count
    let order = rows.map { rows in rows.indices.sorted { rows[$0] < rows[$1] } }
    for place in 0..<count {
      let image = order?[place] ?? place
      let read = pixels.stored?.floats(image..<image + 1)
      for pixel in values ?? 0..<size {
        let value =
          switch pixels {
          case .bytes(let bytes): Float(bytes[image * size + pixel]) / 255
          case .floats(let floats): floats[image * size + pixel]
          case .stored: read?[pixel] ?? 0
          }
        guard fails(value), observed.map({ $0[image * size + pixel] != 0 }) ?? true else {
          continue
        }
        let lead = source.map { "\($0): " } ?? ""
        let number = Int64(exactly: value).map { "\($0)" } ?? "\(value)"
        return
          "\(lead)\(isTable ? "row" : "image") \(row(image)) holds \(number) at \(self.place(pixel))"
      }
    }
    return nil
  }

  /// A value of an image in words: `channel 0, row 3, column 4`, as far as there are several.
  public func place(_ pixel: Int) -> String {
    if let table { return table.name(ofPlace: pixel) }
    if isTable { return "column \(pixel)" }
    let (height, width) = (shape[1], shape[2])
    var place: [String] = []
    if shape[0] > 1 { place.append("channel \(pixel / (height * width))") }
    if height > 1 { place.append("row \(pixel / width % height)") }
    return (place + ["column \(pixel % width)"]).joined(separator: ", ")
  }

  /// - Throws: `malformed` if a value is NaN or infinite, with its place.
  func checkFinite() throws(DataProblem) {
    if case .bytes = pixels { return }
    guard let extent, !extent.isFinite,
      let found = firstValue(where: { !$0.isFinite })
    else { return }
    throw DataProblem(
      .malformed,
      "\(found), which cannot be learned; replace it, or leave the image out")
  }
}
