public import ExptComponents
import ExptData
public import ExptTensor

/// What an experiment's data are, as far as they are at hand: how many images, of what classes and values,
/// what is there twice, and what the likelihood thinks of them. Nothing is fetched.
public struct DataSurvey: Sendable {
  public struct Part: Sendable {
    /// `training`, `validation`, `test`.
    public var title: String
    /// How many images the part has; nil where that is not known.
    public var count: Int?
    /// How many of them were looked at.
    public var seen: Int
    /// Nil where none was.
    public var values: ValueSummary?
    /// How many images each class has, by label; nil without labels.
    public var classes: [ClassCount]?
    /// What is there already, within the part and in the parts before it.
    public var repeats: [Repeats]
  }

  public struct ClassCount: Sendable, Hashable {
    public var label: Int32
    /// What the dataset calls it, where it does.
    public var name: String?
    public var count: Int
  }

  /// What was looked at: the experiment's dataset, or its fallback.
  public var dataset: any Dataset
  /// Of files that are not here: what is missing, and from where a run would fetch it.
  public var absence: DataProblem.Absence?
  /// `[channels, height, width]`.
  public var image: Shape
  /// Whether the images are rows of a table.
  public var isTable = false
  public var parts: [Part]
  /// Why no values were looked at; nil if they were.
  public var blindness: String?
  /// Of a table, what the columns hold in the training rows.
  public var columns: [ColumnSummary] = []
  /// What the likelihood takes, and what it says about these data.
  public var likelihood: [String] = []
  /// What a run would warn of.
  public var notes: [String] = []

  /// Images of a part that are looked at where reading all would take long, as of a folder of many pictures.
  public static let sample = 10_000
  /// Numbers in all images that are loaded for a look: 2 GiB of them as Float.
  static let mostValues = 1 << 29
}

extension DataSurvey {
  /// How many images each part has, by the files' headers.
  static func counted(
    _ dataset: any Dataset, _ split: SplitSettings, _ environment: DataEnvironment
  ) throws(DataProblem) -> [Part] {
    guard split.leaveOut.isEmpty, let counts = try dataset.counts(environment) else { return [] }
    let (train, validation) = try split.divide(counts)
    return [
      Part("training", train.count), Part("validation", validation.count),
      Part("test", counts.test),
    ]
  }
}

extension DataSurvey {
  /// Says how many images there are of which some were looked at. What will be divided was looked at
  /// undivided: it has a row of its own, and the parts that it will be divided into have no values.
  mutating func count(_ counts: ImageCounts, _ counted: [Part]) {
    let hasTest = parts.contains { $0.title == "test" }
    let whole = counts.train + (hasTest ? 0 : counts.test)
    for place in parts.indices {
      switch parts[place].title {
      case "training":
        parts[place].count = whole
        if counted.first?.count != whole { parts[place].title = "undivided" }
      case "validation": parts[place].count = counts.validation
      default: parts[place].count = counts.test
      }
    }
    let seen = Set(parts.map(\.title))
    parts += counted.filter { ($0.count ?? 0) > 0 && !seen.contains($0.title) }
  }
}

extension DataSurvey.Part {
  fileprivate init(_ title: String, _ count: Int) {
    self.init(title: title, count: count, seen: 0, repeats: [])
  }

  init(_ part: RepeatSearch.Part, _ search: inout RepeatSearch) {
    let (images, numbers) = (part.images, part.numbers)
    self.init(
      title: part.title, count: part.whole, seen: numbers.count,
      values: ValueSummary(images, numbers), classes: Self.classes(images, numbers),
      repeats: search.add(part))
  }

  private static func classes(
    _ images: ImageSet, _ numbers: Range<Int>
  ) -> [DataSurvey.ClassCount]? {
    guard let labels = images.labels else { return nil }
    var counts: [Int32: Int] = [:]
    for number in numbers { counts[labels[number], default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { label, count in
      let names = images.classNames ?? []
      let name = names.indices.contains(Int(label)) ? names[Int(label)] : nil
      return DataSurvey.ClassCount(label: label, name: name, count: count)
    }
  }
}
