public import ExptComponents
import ExptFiles
public import ExptTensor

/// The 737,280 sprites of dSprites, 64×64, black and white: each combination of shape, scale, orientation and
/// place once, with these factors as their authors give them; the labels are the shapes.
///
/// Reads `dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz`. In memory a pixel is a bit: 377 MB for all.
/// The file is sorted by its factors, so the images are mixed before test images are held out.
///
/// Source: Matthey et al., "dSprites: disentanglement testing sprites dataset", 2017.
public struct DSprites: Dataset {
  public static let id = "dsprites"
  public static let summary =
    "dSprites: 737,280 sprites with known factors, 64×64, black and white; from its file."

  @Setting("The folder of the file; null: $EXPT_DATA/dsprites, else data/dsprites.")
  public var root: WrittenPath? = nil
  @Group public var heldOut = HeldOut()
  @Group public var split = SplitSettings()

  public init() {}

  static let file = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"
  /// The columns of its latents but the first, a colour that is always the same.
  static let factors = ["shape", "scale", "orientation", "x", "y"]
  private static let columns = 6

  public func imageShape(_ environment: DataEnvironment) -> Shape { [1, 64, 64] }

  public func annotationFacts(_ environment: DataEnvironment) -> AnnotationFacts {
    AnnotationFacts(classes: 3, factors: Self.factors)
  }

  public func counts(_ environment: DataEnvironment) throws(DataProblem) -> ImageCounts? {
    try heldOut.counts(of: count(in: archive(environment)))
  }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    let archive = try archive(environment)
    let count = try count(in: archive)
    environment.report("unpacking \(archive.path)")
    var packing = PackedPixels.Packing(size: 64 * 64, count: count)
    _ = try DataProblem.translating { () throws(FileProblem) in
      try archive.read("imgs", rows: 512) { part throws(FileProblem) in
        guard part.type.size == 1, part.bytes.allSatisfy({ $0 <= 1 }) else {
          throw FileProblem(
            .malformed, "holds pixels that are not 0 or 1.", path: archive.title("imgs"))
        }
        packing.add(part.bytes)
      }
    }
    var images = ImageSet(
      shape: [1, 64, 64], count: count,
      pixels: .stored(StoredPixels(packing.pixels, memory: 512 << 20)), source: archive.path)
    let values = try latents("latents_values", of: count, in: archive).floats
    images.factors = Self.factors.enumerated().map { column, name in
      (name, (0..<count).map { values[$0 * Self.columns + column + 1] })
    }
    let classes = try latents("latents_classes", of: count, in: archive).integers
    images.labels = try (0..<count).map { image throws(DataProblem) in
      guard let shape = classes?[image * Self.columns + 1], (0..<3).contains(shape) else {
        throw DataProblem(
          .malformed, "\(archive.title("latents_classes")): row \(image) has no shape from 0 to 2")
      }
      return Int32(shape)
    }
    return try heldOut.divide(images, environment)
  }

  private func archive(_ environment: DataEnvironment) throws(DataProblem) -> NPZArchive {
    let folder = try DataFolder(name: Self.id, root: root, environment)
    guard let path = folder.find([Self.file]) else {
      throw folder.absent(
        "dSprites", "\(Self.file), from https://github.com/google-deepmind/dsprites-dataset")
    }
    return try DataProblem.translating { () throws(FileProblem) in try NPZArchive(path) }
  }

  private func count(in archive: NPZArchive) throws(DataProblem) -> Int {
    let shape = try DataProblem.translating { () throws(FileProblem) in
      try archive.shape("imgs")
    }
    guard let shape, shape.count == 3, shape[1...] == [64, 64], shape[0] > 0 else {
      throw DataProblem(
        .malformed,
        "\(archive.path): this is not dSprites, whose 'imgs' are [n, 64, 64]; it holds: \(archive.content)"
      )
    }
    return shape[0]
  }

  private func latents(
    _ name: String, of count: Int, in archive: NPZArchive
  ) throws(DataProblem) -> NPYArray {
    let array = try DataProblem.translating { () throws(FileProblem) in try archive.array(name) }
    guard let array, array.shape == [count, Self.columns] else {
      throw DataProblem(
        .malformed,
        "\(archive.path): this is not dSprites, whose '\(name)' are [\(count), \(Self.columns)]; it holds: "
          + archive.content)
    }
    return array
  }
}
