import ExptComponents
import ExptData
import ExptTensor

/// Whether loaded data suit the likelihood, the binarization and the end of the decoder: measured once,
/// before anything is trained.
struct DataFit {
  /// What is valid but suspicious.
  private(set) var notes: [String] = []
  private let dataset: any Dataset
  private let parts: AutoencoderParts
  /// Whether the dataset has settings for other numbers: `divisor`, `range`, `standardize`.
  private let canChange: Bool

  init(_ dataset: any Dataset, _ parts: AutoencoderParts) {
    self.dataset = dataset
    self.parts = parts
    canChange = type(of: dataset).settingDescriptions.contains { $0.name == "divisor" }
  }

  /// Measures some images.
  ///
  /// - Throws: `malformed`, with the first value that does not suit, its place and what to write.
  mutating func measure(_ images: ImageSet) throws(DataProblem) {
    guard let extent = images.extent else { return }
    for (who, values, support) in demands(of: images) where !lies(images, extent, in: support) {
      guard let found = images.firstValue(among: values, where: { !support.contains($0) }) else {
        continue
      }
      throw DataProblem(
        .malformed,
        "\(found), and \(who) needs \(support); the values range from "
          + "\(Format.brief(extent.least)) to \(Format.brief(extent.greatest)): "
          + remedy(
            extent, support, or: who == name ? "use the likelihood gaussian" : "leave that out"))
    }
    try reach(images, extent)
  }

  /// Notes what looks wrong about training images.
  mutating func look(at images: ImageSet) {
    if let table = images.table { return look(at: table) }
    guard let extent = images.extent, let values = images.someNumbers else { return }
    let support = parts.likelihood.support
    let isMixed = parts.likelihood.supports(of: images.shape).count > 1
    let from =
      "the values range from \(Format.brief(extent.least)) to \(Format.brief(extent.greatest))"
    let lead = images.source.map { "\($0): " } ?? ""
    if extent.least == extent.greatest {
      notes.append("\(lead)every value is \(Format.brief(extent.least)): there is nothing to learn")
    } else if support.range == nil, !isMixed, !dataset.standardizes,
      extent.greatest - extent.least > 20
    {
      notes.append(
        "\(lead)\(from), and the scale of \(name) is in units of a pixel range from 0 to 1: "
          + remedy(extent, support))
    } else if support == .unitInterval || support == .openUnitInterval, extent.greatest < 0.25 {
      notes.append(
        "\(lead)\(from), where white is 1"
          + (canChange ? "; write 'divisor: \(Format.brief(extent.greatest))' if it is white" : ""))
    } else if let levels = parts.likelihood.levels, !isOn(levels: levels, values) {
      notes.append(
        "\(lead)the values are not multiples of 1/\(Format.brief(levels)), as \(name) needs; "
          + "gaussian and continuous_bernoulli take values in between")
    }
  }

  /// A likelihood of the same kind for all columns takes categories for numbers.
  private mutating func look(at table: TableColumns) {
    guard parts.likelihood.supports(of: table.shape).count == 1,
      let odd = table.columns.first(where: { $0.kind != .numeric && $0.kind != .count })
        ?? table.columns.first(where: { $0.kind != table.columns.first?.kind })
    else { return }
    let isSaid = odd.kind == .binary && name == "bernoulli"
    if isSaid { return }
    notes.append(
      "column '\(odd.name)' is \(odd.kind.rawValue), and \(name) takes all columns alike; write 'likelihood: mixed' "
        + "to give each its own")
  }

  /// What the likelihood, and a binarization, take: values in which some of the images have been measured.
  func statements(about images: ImageSet) -> [String] {
    demands(of: images).map { who, values, support in
      let place =
        values.count == images.shape.count
        ? ""
        : values.count == 1
          ? " in column \(values.lowerBound)"
          : " in columns \(values.lowerBound) to \(values.upperBound - 1)"
      let verdict = support.range == nil ? "" : ": all are"
      return "\(who) takes \(support)\(place)\(verdict)"
    }
  }

  private var name: String { type(of: parts.likelihood).id }

  /// Who is for which values.
  private func demands(
    of images: ImageSet
  ) -> [(who: String, values: Range<Int>, support: Support)] {
    let binarization = dataset.split.binarization
    let all = 0..<images.shape.count
    return parts.likelihood.following(images.table).supports(of: images.shape)
      .map { (name, $0.values.clamped(to: all), $0.support) }
      + (binarization == .none
        ? [] : [("'binarization: \(binarization.rawValue)'", all, Support.unitInterval)])
  }

  private func lies(_ images: ImageSet, _ extent: Extent, in support: Support) -> Bool {
    guard let range = support.range else { return true }
    if support.step != nil || support.isOpen { return false }
    return range.lowerBound <= extent.least && extent.greatest <= range.upperBound
  }

  /// A value that the decoder's last activation cannot give.
  private mutating func reach(_ images: ImageSet, _ extent: Extent) throws(DataProblem) {
    guard parts.likelihood.decoded == .pixels,
      let (activation, _) = parts.decoder.outputActivation
    else { return }
    let (lower, upper) = activation.range
    guard extent.least < lower || extent.greatest > upper,
      let found = images.firstValue(where: { $0 < lower || $0 > upper })
    else { return }
    let problem =
      "\(found), and the decoder ends with '\(activation.name)', which reaches "
      + "\(Experiment.reach(activation)); leave that layer out"
    if upper.isFinite { throw DataProblem(.malformed, problem) }
    notes.append(problem)
  }

  private func isOn(levels: Float, _ values: [Float]) -> Bool {
    values.allSatisfy { abs($0 * levels - ($0 * levels).rounded()) <= 0.01 }
  }

  /// What to write into the dataset.
  private func remedy(
    _ extent: Extent, _ support: Support, or otherwise: String? = nil
  ) -> String {
    let (least, greatest) = (extent.least, extent.greatest)
    if support.isOpen, least >= 0, greatest <= 1 {
      return "write 'margin: 0.001' into the likelihood, which moves them inwards"
    }
    if dataset is any TableDataset {
      return "write 'likelihood: mixed', which gives each column one of its kind"
    }
    if support.step != nil { return "floating-point numbers are taken as they are, bytes are not" }
    guard canChange, support.range == nil || support == .unitInterval else {
      return "bring the values into that range" + (otherwise.map { ", or \($0)" } ?? "")
    }
    let other = support.range == nil ? " or 'standardize: true'" : ""
    if least >= 0 {
      let usual: Float? = [255, 1023, 4095, 65_535].first { greatest <= $0 && greatest > $0 / 4 }
      return "write 'divisor: \(Format.brief(usual ?? greatest))'\(other) into the dataset"
    }
    let isSymmetric = least >= -1 && greatest <= 1
    let range =
      isSymmetric ? "[-1, 1]" : "[\(Format.brief(least)), \(Format.brief(greatest))]"
    return "write 'range: \(range)'\(other) into the dataset"
      + (otherwise.map { ", or \($0)" } ?? "")
  }
}

extension ImageSet {
  /// The values, those of the first thousand images where they are not in memory; nil for bytes.
  fileprivate var someNumbers: [Float]? {
    switch pixels {
    case .bytes: nil
    case .floats(let floats): floats
    case .stored(let stored):
      stored.source.holdsBytes ? nil : stored.floats(0..<min(count, 1000))
    }
  }
}
