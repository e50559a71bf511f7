import ExptComponents
import ExptData
import ExptFiles

/// Images of a part that are there already, value for value: earlier in the part, or in another part.
public struct Repeats: Sendable, Hashable {
  /// The title of the part in which they are there already.
  public var other: String
  public var count: Int
  /// The first one in the order of its file, and the image that it repeats.
  public var first: Pair

  public struct Pair: Sendable, Hashable {
    public var image: String
    public var earlier: String
  }

  /// With one more image.
  fileprivate var counted: Repeats { Repeats(other: other, count: count + 1, first: first) }
}

/// Finds images that are there more than once, by XXH64 of their values; what has the same hash is compared.
struct RepeatSearch {
  /// Some images of a set, and what their part is called.
  struct Part {
    var title: String
    var images: ImageSet
    var numbers: Range<Int>
    /// How many images the part has, of which these may be some.
    var whole: Int
  }

  private struct Known {
    let part: Part
    /// The first image of each hash.
    var first: [UInt64: Int] = [:]

    /// The image that one of another part, or of this one, repeats.
    func earlier(than image: Int, of part: Part, _ hash: UInt64) -> Int? {
      guard let earlier = first[hash],
        part.images.image(image, equals: earlier, of: self.part.images)
      else { return nil }
      return earlier
    }
  }

  private var known: [Known] = []

  /// What of a part repeats images of it or of the parts that were added before.
  mutating func add(_ part: Part) -> [Repeats] {
    var own = Known(part: part)
    var found = [Repeats?](repeating: nil, count: known.count + 1)
    for image in part.images.orderOfFile(part.numbers) {
      let hash = part.images.hash(ofImage: image)
      for place in found.indices {
        let other = place < known.count ? known[place].part : part
        let earlier =
          place < known.count
          ? known[place].earlier(than: image, of: part, hash)
          : own.earlier(than: image, of: part, hash)
        guard let earlier else { continue }
        let pair = Repeats.Pair(
          image: part.images.title(ofImage: image),
          earlier: other.images.title(ofImage: earlier))
        found[place] = found[place]?.counted ?? Repeats(other: other.title, count: 1, first: pair)
      }
      if own.first[hash] == nil { own.first[hash] = image }
    }
    known.append(own)
    return found.compactMap(\.self)
  }
}

extension ImageSet {
  /// Images in the order of the user's own file or folder.
  fileprivate func orderOfFile(_ numbers: Range<Int>) -> [Int] {
    rows == nil ? Array(numbers) : numbers.sorted { row($0) < row($1) }
  }

  /// `image 12`, `row 12` of a table, or the name of its file.
  func title(ofImage image: Int) -> String {
    let row = row(image)
    if let rowNames, rowNames.indices.contains(row) { return rowNames[row] }
    return "\(isTable ? "row" : "image") \(row)"
  }

  /// Of values as they lie in memory.
  fileprivate func hash(ofImage image: Int) -> UInt64 {
    var digest = XXH64()
    withBytes(ofImage: image) { digest.update($0) }
    return digest.finish().reduce(0) { $0 << 8 | UInt64($1) }
  }

  fileprivate func image(_ image: Int, equals other: Int, of images: ImageSet) -> Bool {
    withBytes(ofImage: image) { own in
      images.withBytes(ofImage: other) { own.elementsEqual($0) }
    }
  }

  private func withBytes<Result>(
    ofImage image: Int, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    let places = image * shape.count..<(image + 1) * shape.count
    return switch pixels {
    case .bytes(let bytes): bytes[places].withUnsafeBytes(body)
    case .floats(let floats): floats[places].withUnsafeBytes(body)
    case .stored(let stored): stored.floats(image..<image + 1).withUnsafeBytes(body)
    }
  }
}
