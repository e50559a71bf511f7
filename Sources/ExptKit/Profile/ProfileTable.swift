import ExptReport
import ExptTraining

/// A profile as people read it: operations by layer, then everything else, adding up to the whole.
enum ProfileTable {
  static func text(_ profile: Profile) -> String {
    let whole = max(profile.seconds, 1e-9)
    var lines = [operations(profile, whole: whole), "", activities(profile, whole: whole), ""]
    lines.append(
      "Linear layers backward: includes the optimizer's step for their weights, unless gradients are "
        + "clipped or accumulated.")
    if let first = profile.secondsToFirstBatch {
      lines.append("The first batch was ready \(Format.fixed(first, 3)) s after the start.")
    }
    if let first = profile.allocations.inFirstEpoch {
      let later = profile.allocations.afterwards.map { ", \(Format.fixed($0, 2)) afterwards" }
      let total = profile.allocations.total ?? 0
      lines.append(
        "Memory allocations per step: \(Format.fixed(first, 2)) in the first epoch\(later ?? ""); "
          + "\(total) in total.")
    }
    return lines.joined(separator: "\n")
  }

  /// Training's operations, the longest first.
  static func operations(_ profile: Profile, whole: Double) -> String {
    var table = TerminalTable([
      "operation", "layer", .number("forward s"), .number("backward s"), .number("share"),
      .number("times"),
    ])
    for line in OperationTimes.of(profile) {
      table.add([
        line.place.operation, line.place.path.isEmpty ? "–" : line.place.path,
        Format.fixed(line.forward, 3), Format.fixed(line.backward, 3),
        percent(line.forward + line.backward, whole), "\(line.count)",
      ])
    }
    return table.text
  }

  private static func activities(_ profile: Profile, whole: Double) -> String {
    var table = TerminalTable([
      "where the time went", .number("seconds"), .number("share"),
    ])
    var named = 0.0
    for (title, seconds) in rows(profile) where seconds > 0 {
      named += seconds
      table.add([title, Format.fixed(seconds, 3), percent(seconds, whole)])
    }
    table.add(["other", Format.fixed(whole - named, 3), percent(whole - named, whole)])
    table.add(["total", Format.fixed(whole, 3), percent(whole, whole)])
    return table.text
  }

  /// Everything but `other`, in the order of a run.
  private static func rows(_ profile: Profile) -> [(title: String, seconds: Double)] {
    func spent(_ activity: Profile.Activity) -> Double { profile.tallies[activity]?.seconds ?? 0 }
    let operations = OperationTimes.of(profile)
    return [
      ("starting the program", spent(.starting)),
      ("reading the experiment", spent(.readingExperiment)),
      ("loading data", spent(.loadingData)),
      ("building the model", spent(.buildingModel)),
      ("checking the first batch", spent(.checkingFirstBatch)),
      ("gathering batches", spent(.gatheringBatches)),
      ("forward", operations.reduce(0) { $0 + $1.forward }),
      ("backward", operations.reduce(0) { $0 + $1.backward }),
      ("optimizer", spent(.optimizer)),
      ("validation", spent(.validation)),
      ("checkpoints", spent(.checkpoints)),
      ("images", spent(.images)),
      ("other outputs", spent(.outputs)),
      ("metrics, run.json, log", spent(.records)),
      ("progress display", spent(.display)),
    ]
  }

  private static func percent(_ part: Double, _ whole: Double) -> String {
    Format.fixed(100 * part / whole, 1) + " %"
  }
}

/// What the operations of one kind in one layer took.
struct OperationTimes {
  var place: Profile.Place
  var forward = 0.0
  var backward = 0.0
  /// Forward passes.
  var count = 0

  /// The longest first.
  static func of(_ profile: Profile) -> [OperationTimes] {
    var lines: [Profile.Place: OperationTimes] = [:]
    for (activity, tally) in profile.tallies {
      switch activity {
      case .forward(let place):
        lines[place, default: OperationTimes(place: place)].forward = tally.seconds
        lines[place, default: OperationTimes(place: place)].count = tally.count
      case .backward(let place):
        lines[place, default: OperationTimes(place: place)].backward = tally.seconds
      default: break
      }
    }
    return lines.values.sorted { $0.forward + $0.backward > $1.forward + $1.backward }
  }
}
