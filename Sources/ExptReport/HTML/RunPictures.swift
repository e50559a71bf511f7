import ExptFiles
import ExptRunFolder
import Foundation

/// The pictures and latents in a run's folder, the newest of each kind.
struct RunPictures: Sendable {
  struct Found: Sendable {
    var picture: Image8
    /// `epoch 10`; nil if the name does not say.
    var stage: String?
  }

  let run: RunRecord

  /// Of one image: [channels, height, width]; nil if it is unknown.
  var shape: (height: Int, width: Int)? {
    guard let shape = run.manifest?.dataset.shape, shape.count == 3,
      shape.allSatisfy({ (1...65_536).contains($0) })
    else { return nil }
    return (shape[1], shape[2])
  }

  /// What training wrote, else what a command made: `reconstructions`, `samples`, `traversals`.
  func newest(_ kind: String) -> Found? {
    for folder in [run.folder.summaryFolder, run.folder.imagesFolder, run.folder.file("made")] {
      let names = ((try? FilePath.names(in: folder)) ?? []).filter { name in
        (name.hasPrefix(kind + "-") || name.hasPrefix(kind + "."))
          && [".pgm", ".ppm", ".png"].contains { name.hasSuffix($0) }
      }
      guard let name = names.max(by: { (Self.epoch($0) ?? 0) < (Self.epoch($1) ?? 0) }),
        let picture = try? Image8.read(FilePath.join(folder, name), limit: 8 << 20)
      else { continue }
      return Found(picture: picture, stage: Self.epoch(name).map { "epoch \($0)" })
    }
    return nil
  }

  /// The 12 of `reconstructions-test-epoch-0012.pgm`.
  private static func epoch(_ name: String) -> Int? {
    guard let range = name.range(of: "epoch-", options: .backwards) else { return nil }
    return Int(name[range.upperBound...].prefix { $0.isNumber })
  }

  /// Row `row` of a grid picture, its first `count` images.
  func strip(_ picture: Image8, row: Int, count: Int) -> Image8? {
    guard let (height, width) = shape else { return nil }
    let top = row * (height + 1)
    let size = min(picture.width, count * (width + 1) - 1)
    guard top + height <= picture.height, size > 0 else { return nil }
    let channels = picture.channels
    var samples: [UInt8] = []
    for y in top..<top + height {
      let start = y * picture.width * channels
      samples += picture.samples[start..<start + size * channels]
    }
    return Image8(width: size, height: height, channels: channels, samples: samples)
  }
}

/// A picture inside a page.
enum Picture {
  /// - Parameter widest: In CSS pixels; the picture grows by a whole number while it fits.
  static func img(_ picture: Image8, alt: String, widest: Int = 940) -> Markup {
    let zoom = max(1, min(4, widest / max(1, picture.width)))
    let data = Data(PNG.bytes(of: picture)).base64EncodedString()
    return """
      <img class="pixels" alt="\(alt)" width="\(picture.width * zoom)" \
      height="\(picture.height * zoom)" src="data:image/png;base64,\(data)">
      """
  }
}
