import ExptFiles
import ExptRunFolder

/// What a run's folder tells of its codes, or of its dictionary: see `UsageSummary`.
struct RunUsage: Sendable {
  /// How often each was used, by name: `codes`, `codes_1`, `latents`.
  private let counts: [(name: String, counts: [Double])]
  private let pictures: RunPictures

  /// Nil if the folder has none that can be read.
  init?(_ folder: RunFolder, _ pictures: RunPictures) {
    let path = FilePath.join(folder.summaryFolder, "usage.npz")
    guard let arrays = try? NPZ.read(path, limit: 64 << 20) else { return nil }
    counts = arrays.map { ($0.name, $0.array.doubles) }.filter { !$0.counts.isEmpty }
    guard !counts.isEmpty else { return nil }
    self.pictures = pictures
  }

  /// Whether the latents are codes, which other drawings of latents say nothing of.
  var isOfCodes: Bool { counts.contains { $0.name.hasPrefix("codes") } }

  var title: String { isOfCodes ? "Codes" : "Dictionary" }

  var body: Markup {
    let charts = counts.compactMap { chart($0.name, $0.counts) }
    return """
      <div class="grid">\(charts)</div>
      \(figure("codes", "Codes of held-out images", Self.codes))
      \(figure("codebook", "What the codes stand for", Self.codebook))
      \(figure("dictionary", "Dictionary", Self.dictionary))
      """
  }

  private static let codes =
    "Held-out images, below each its codes, a colour for each number, and at the bottom their "
    + "reconstructions."
  private static let codebook =
    "For each of the most used codes the mean of what is around the places where it was chosen, the most used "
    + "at the top left."
  private static let dictionary =
    "The patterns that images are sums of, the most used first. Grey is 0; each has its own scale."

  private func chart(_ name: String, _ counts: [Double]) -> Markup? {
    let used = counts.count { $0 > 0 }
    let number = name.split(separator: "_").dropFirst().first.map { " of level \($0)" } ?? ""
    let title =
      isOfCodes
      ? "How often each code\(number) is chosen: \(used) of \(counts.count) in use"
      : "In how many images each latent is on: \(used) of \(counts.count) in use"
    return UsageChart(title: title, unit: isOfCodes ? "times" : "images", counts: counts).markup
  }

  private func figure(_ kind: String, _ title: String, _ caption: String) -> Markup {
    guard let found = pictures.newest(kind) else { return .nothing }
    return """
      <figure><h3>\(title)</h3>\(Picture.img(found.picture, alt: title, widest: 760))\
      <figcaption>\(caption)</figcaption></figure>
      """
  }
}

/// Counts from the largest down, as one area: as many as there are codes.
struct UsageChart: Sendable {
  var title: String
  var unit: String
  var counts: [Double]

  private let width = 480.0
  private let height = 200.0
  private let left = 54.0
  private let bottom = 30.0
  private let top = 18.0

  var markup: Markup? {
    let sorted = counts.sorted(by: >)
    guard let high = sorted.first, high > 0, high.isFinite else { return nil }
    let plot = height - top - bottom
    let scale = high * 1.05
    let ticks = Ticks.values(from: 0, to: scale, count: 4)
    let lines = zip(ticks, Ticks.labels(ticks)).map { value, label -> Markup in
      let y = top + plot * (1 - value / scale)
      return """
        <line class="gridline" x1="\(left)" x2="\(width - 8)" y1="\(y)" y2="\(y)"/>\
        <text x="\(left - 6)" y="\(y + 4)" text-anchor="end">\(label)</text>
        """
    }
    let step = (width - left - 8) / Double(sorted.count)
    let base = height - bottom
    let corners = sorted.enumerated().map { place, count -> Markup in
      let y = base - plot * max(0, count) / scale
      let x = left + step * Double(place)
      return "L\(x) \(y)L\(x + step) \(y)"
    }
    return """
      <figure><h3>\(title)</h3>
      <svg viewBox="0 0 \(width) \(height)" role="img" aria-label="\(title)">\(lines)
      <path d="M\(left) \(base)\(corners)L\(width - 8) \(base)Z" fill="\(PageStyle.series[0])"/>
      <path class="frame" d="M\(left) \(top)V\(base)H\(width - 8)"/>
      <text x="\(left)" y="11" text-anchor="start">\(unit)</text>
      <text x="\(width - 8)" y="\(height - 2)" text-anchor="end">all \(sorted.count), the most used first</text>
      </svg></figure>

      """
  }
}
