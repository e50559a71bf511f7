import ExptBuiltins
import ExptComponents
import ExptReport

extension FoundData {
  /// A folder of pictures.
  static func pictures(_ path: String, _ environment: DataEnvironment) throws -> FoundData {
    let folder = try PictureFolder(WrittenPath(literal: path), environment)
    guard folder.sizes.isEmpty == false else {
      throw CommandFailure(.data, unreadable(folder))
    }
    var lines = [StartingLine("type", "images"), StartingLine("path", path: path)]
    if !folder.unreadable.isEmpty {
      lines.append(StartingLine("on_error", "skip", because: unreadable(folder)))
    }
    lines += size(folder) + channels(folder)
    let classes =
      folder.classes.isEmpty
      ? [] : ["its \(folder.classes.count) sub-folders are classes, which become labels"]
    return FoundData(
      title: title(folder), saysCount: true, lines: lines, remarks: classes,
      hasValidation: folder.validation != nil, hasTest: folder.test != nil)
  }

  private static func title(_ folder: PictureFolder) -> String {
    let colour = folder.seen - folder.unreadable.count - folder.grey
    let kinds =
      colour == 0
      ? "grey"
      : folder.grey == 0
        ? "in colour" : "\(Words.grouped(colour)) in colour and \(Words.grouped(folder.grey)) grey"
    let sample = folder.seen < folder.count ? " (\(Words.grouped(folder.seen)) looked at)" : ""
    let noun = folder.count == 1 ? "picture" : "pictures"
    return "\(Words.grouped(folder.count)) \(noun) \(sizes(folder)), \(kinds)\(sample)"
  }

  /// `of 28×28`, `of 30 sizes from 48×64 to 120×90`, height first.
  private static func sizes(_ folder: PictureFolder) -> String {
    let sizes = folder.sizes.keys.sorted {
      ($0.height * $0.width, $0.height) < ($1.height * $1.width, $1.height)
    }
    guard let first = sizes.first, let last = sizes.last else { return "" }
    return first == last
      ? "of \(first.height)×\(first.width)"
      : "of \(sizes.count) sizes from \(first.height)×\(first.width) to "
        + "\(last.height)×\(last.width)"
  }

  /// The one size that all get: none where they have one already that is small enough to begin with.
  private static func size(_ folder: PictureFolder) -> [StartingLine] {
    let sides = folder.sizes.flatMap { size, count in
      [Int](repeating: min(size.height, size.width), count: count)
    }.sorted()
    let isOne = folder.sizes.count == 1
    let largest = folder.sizes.keys.map { max($0.height, $0.width) }.max() ?? 0
    if isOne, largest <= 96 { return [] }
    let middle = sides.isEmpty ? 64 : sides[sides.count / 2]
    let size = middle >= 56 ? 64 : middle >= 28 ? 32 : 16
    let start =
      isOne
      ? "pictures of this size take long to learn" : "the pictures have \(folder.sizes.count) sizes"
    let reason =
      start
      + ": all become \(size)×\(size) to begin with; twice the size shows more and takes some four "
      + "times as long"
    let fits = Images.settingDescriptions.contains { $0.name == "fit" }
    return [StartingLine("size", "\(size)", because: reason)]
      + (fits
        ? [
          StartingLine(
            "fit", "crop",
            because: "crop cuts off what is too long; pad adds borders, stretch distorts")
        ] : [])
  }

  private static func channels(_ folder: PictureFolder) -> [StartingLine] {
    let colour = folder.seen - folder.unreadable.count - folder.grey
    if colour == 0 {
      return folder.seen < folder.count ? [StartingLine("channels", "grey")] : []
    }
    if colour == folder.greyInColour {
      return [
        StartingLine(
          "channels", "grey",
          because: "the pictures have three channels and show only grey: one channel says it all")
      ]
    }
    guard folder.grey > 0 || folder.seen < folder.count else { return [] }
    return [
      StartingLine(
        "channels", "rgb",
        because: folder.grey > 0
          ? "\(Words.grouped(folder.grey)) of the pictures are grey, and get three equal channels"
          : nil)
    ]
  }

  private static func unreadable(_ folder: PictureFolder) -> String {
    let shown = folder.unreadable.prefix(5).joined(separator: "; ")
    let rest = folder.unreadable.count > 5 ? " and \(folder.unreadable.count - 5) more" : ""
    let number = "\(folder.unreadable.count) of \(Words.grouped(folder.seen)) pictures"
    return "\(number) cannot be read: \(shown)\(rest)"
  }
}
